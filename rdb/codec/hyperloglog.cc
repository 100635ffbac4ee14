#include "rdb/codec/hyperloglog.h"

#include <cstddef>
#include <cstdint>

namespace tidemark::rdb {

namespace {

constexpr size_t kHyperLogLogHeadBytes = 16;
constexpr size_t kRegisters = 16384;
constexpr size_t kDenseBytes = kRegisters * 6 / 8;

std::string_view sparse_fault(std::string_view runs) {
    size_t registers = 0;
    for (size_t i = 0; i < runs.size(); ++i) {
        const size_t first = static_cast<uint8_t>(runs[i]);
        if (first >= 0x80) {
            registers += (first & 3) + 1;
        } else if (first < 0x40) {
            registers += first + 1;
        } else {
            if (++i == runs.size()) return "it ends inside a run";
            registers += ((first & 63) << 8 | static_cast<uint8_t>(runs[i])) + 1;
        }
    }
    return registers == kRegisters ? "" : "its runs are not 16384 registers";
}

}  // namespace

std::string_view hyperloglog_fault(std::string_view value) {
    if (!value.starts_with("HYLL") || value.size() < kHyperLogLogHeadBytes) return {};
    const auto encoding = static_cast<uint8_t>(value[4]);
    if (encoding > 1) return {};  // text that begins with these letters
    const std::string_view registers = value.substr(kHyperLogLogHeadBytes);
    if (encoding == 1) return sparse_fault(registers);
    return registers.size() == kDenseBytes ? "" : "its dense registers do not have 12288 bytes";
}

}  // namespace tidemark::rdb
