#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aof/codec/record.h"

namespace tidemark::aof {

// As the log holds it.
inline std::string record(const std::vector<std::string_view>& args) {
    Buffer out;
    append_record(out, args);
    return std::string(out.view());
}

}  // namespace tidemark::aof
