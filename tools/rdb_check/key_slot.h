// Which of a cluster's 16,384 slots a key lies in.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::rdb_check {

inline constexpr uint16_t kSlots = 16384;

// CRC16 of the key, or of its hash tag: what stands between the first { and the next }, if that is
// something.
uint16_t key_slot(std::string_view key);

}  // namespace tidemark::rdb_check
