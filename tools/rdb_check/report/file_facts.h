// What a dump says of itself, besides its keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::rdb_check {

struct FileFacts {
    uint64_t file_bytes = 0;
    std::string format;  // "REDIS0011"; set by whoever knows
    std::string writer;  // "7.2.4"; empty when it does not say
    std::optional<int64_t> created_at_s;
    std::optional<uint64_t> used_memory;
    uint64_t functions = 0;  // libraries
    uint64_t function_bytes = 0;
    uint64_t module_aux = 0;
    uint64_t module_aux_bytes = 0;
    uint64_t slot_infos = 0;
    uint64_t warnings = 0;
};

}  // namespace tidemark::rdb_check
