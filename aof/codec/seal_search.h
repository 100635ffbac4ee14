// Finds whole seals in a stretch that can no longer be read record by record: behind damage.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "aof/codec/annotation.h"
#include "aof/codec/scan.h"
#include "base/result.h"

namespace tidemark::aof {

// The first seal at or behind `start` that names its own position, whose checksum holds, and whose
// `durable` is at least `durable_from`. (A value can hold such a line only if somebody put it there
// on purpose.) It begins before `end`.
Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from,
                                      uint64_t end = std::numeric_limits<uint64_t>::max());

// Whether the checksum of `seal`, which the line (at least kSealCheckedBytes of it) says, is that
// of its bytes. Reads them through a window, however many there are.
Result<bool> seal_holds(ByteSource& source, std::string_view line, const Seal& seal);

}  // namespace tidemark::aof
