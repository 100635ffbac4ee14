// Whether a server takes a dump's libraries of functions, as far as can be told without running
// them: by the first line of each, and names that are there twice. What a library registers, and
// whether it is a program at all, is not looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/format.h"

namespace tidemark::rdb_check {

class LibraryJudge {
public:
    explicit LibraryJudge(rdb::Dialect dialect) : dialect_(dialect) {}

    // What is wrong with the library whose opcode is at `offset`; nothing: it is taken. Each once,
    // in the file's order. An error is of the input.
    Result<std::optional<std::string>> judge(rdb::Input& input, uint64_t offset);

private:
    std::optional<std::string> judge_source(std::string_view source);

    rdb::Dialect dialect_;
    std::set<std::string> names_;
};

}  // namespace tidemark::rdb_check
