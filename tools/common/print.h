// The door through which the tools print. Unlike fmt::print it does not throw where a disk is full
// or a reader has gone: the stream remembers that, and run_tool() says it in the end.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <utility>

namespace tidemark::tools {

template <class... Args>
void print(FILE* to, fmt::format_string<Args...> format, Args&&... args) {
    fmt::memory_buffer text;
    fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
    fwrite(text.data(), 1, text.size(), to);
}

}  // namespace tidemark::tools
