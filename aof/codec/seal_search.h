// Finds whole seals in a stretch that can no longer be read record by record: behind damage.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "aof/codec/annotation.h"
#include "aof/codec/scan.h"
#include "aof/codec/search_budget.h"
#include "base/result.h"

namespace tidemark::aof {

// The first seal at or behind `start` that names its own position, whose checksum holds, and whose
// `durable` is at least `durable_from`. (A value can hold such a line only if somebody put it there
// on purpose.) It begins before `end`. kLimit: the budget is used up.
Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from,
                                      uint64_t end, SearchBudget& budget);
// To the end of the source, with a budget of its own.
Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from);

// A seal and where it stands: `shift` bytes behind the place that it names.
struct PlacedSeal {
    Seal seal;
    uint64_t at = 0;

    int64_t shift() const { return static_cast<int64_t>(at - seal.offset); }
};

// The same for a seal that stands elsewhere than it says, because bytes in front of it were put in
// or taken out. What follows it must end as a file does: the text of a log in a value does not.
Result<std::optional<PlacedSeal>> find_shifted_seal(ByteSource& source, uint64_t start,
                                                    uint64_t durable_from, SearchBudget& budget);

// Whether the checksum of `seal`, which the line (at least kSealCheckedBytes of it) says, is that
// of its bytes. Reads them through a window, however many there are.
Result<bool> seal_holds(ByteSource& source, std::string_view line, const Seal& seal);

}  // namespace tidemark::aof
