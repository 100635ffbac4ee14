#include "aof/codec/seal_search.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/crc64.h"

namespace tidemark::aof {

namespace {

constexpr size_t kWindowBytes = 256 * 1024;

}  // namespace

Result<bool> seal_holds(ByteSource& source, std::string_view line, const Seal& seal) {
    const uint64_t start = seal.offset + kSealBytes;
    if (start > source.size() || seal.length > source.size() - start) return false;
    uint64_t crc = crc64(line.substr(0, kSealCheckedBytes));
    const auto buffer = std::unique_ptr<char[]>(new char[kWindowBytes]);
    for (uint64_t done = 0; done < seal.length;) {
        const size_t wanted = std::min<uint64_t>(kWindowBytes, seal.length - done);
        const size_t got = TM_TRY(source.read_at(buffer.get(), wanted, start + done));
        if (got == 0) return false;
        crc = crc64({buffer.get(), got}, crc);
        done += got;
    }
    return crc == seal.crc;
}

namespace {

// The first line in [start, end) that is in a seal's form and that `accept` takes: given its text,
// its fields and its place.
template <class Accept>
Result<std::optional<PlacedSeal>> first_seal(ByteSource& source, uint64_t start, uint64_t end,
                                             const Accept& accept) {
    const auto buffer = std::unique_ptr<char[]>(new char[kWindowBytes]);
    while (start < end && start + kSealBytes <= source.size()) {
        const size_t got = TM_TRY(source.read_at(buffer.get(), kWindowBytes, start));
        if (got < kSealBytes) break;
        const std::string_view window(buffer.get(), got);
        for (size_t at = window.find(kSealPrefix); at != std::string_view::npos;
             at = window.find(kSealPrefix, at + 1)) {
            if (at + kSealBytes > got || start + at >= end) break;
            const std::string_view line = window.substr(at, kSealBytes);
            const auto seal = parse_seal(line);
            if (!seal) continue;
            const PlacedSeal placed{*seal, start + at};
            if (TM_TRY(accept(line, placed))) return std::optional<PlacedSeal>(placed);
        }
        start += got - (kSealBytes - 1);
    }
    return std::optional<PlacedSeal>();
}

// Whether its checksum holds where it stands, wherever that should be.
Result<bool> holds_there(ByteSource& source, std::string_view line, const PlacedSeal& placed,
                         SearchBudget& budget) {
    Seal seal = placed.seal;
    seal.offset = placed.at;
    if (TM_TRY(seal_holds(source, line, seal))) return true;
    TM_CHECK(budget.charge(std::min(seal.length, source.size())));
    return false;
}

// Whether what follows `first`, seal by seal as far as they hold, ends as a file does: not in the
// middle of a value.
Result<bool> ends_as_file(ByteSource& source, const PlacedSeal& first, SearchBudget& budget) {
    std::string line;
    for (PlacedSeal last = first;;) {
        const uint64_t next = last.at + kSealBytes + last.seal.length;
        line.resize(kSealBytes);
        line.resize(TM_TRY(source.read_at(line.data(), line.size(), next)));
        if (line.empty() || line[0] == '\0') return true;
        const auto seal = line.size() == kSealBytes ? parse_seal(line) : std::nullopt;
        // Fill, the records of another server, a seal that was cut off.
        if (!seal) return line[0] == '#' || line[0] == '*';
        const PlacedSeal placed{*seal, next};
        if (placed.shift() != first.shift()) return true;
        TM_CHECK(budget.charge(std::min(seal->length, source.size())));
        if (!TM_TRY(holds_there(source, line, placed, budget))) return true;
        last = placed;
    }
}

}  // namespace

Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from,
                                      uint64_t end, SearchBudget& budget) {
    const auto accept = [&](std::string_view line, const PlacedSeal& placed) -> Result<bool> {
        if (placed.shift() != 0 || placed.seal.durable < durable_from) return false;
        return holds_there(source, line, placed, budget);
    };
    const auto found = TM_TRY(first_seal(source, start, end, accept));
    return found ? std::optional<Seal>(found->seal) : std::optional<Seal>();
}

Result<std::optional<PlacedSeal>> find_shifted_seal(ByteSource& source, uint64_t start,
                                                    uint64_t durable_from, SearchBudget& budget) {
    const auto accept = [&](std::string_view line, const PlacedSeal& placed) -> Result<bool> {
        if (placed.shift() == 0 || placed.seal.durable < durable_from) return false;
        if (!TM_TRY(holds_there(source, line, placed, budget))) return false;
        return ends_as_file(source, placed, budget);
    };
    return first_seal(source, start, source.size(), accept);
}

Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from) {
    const uint64_t size = source.size();
    SearchBudget budget(size - std::min(start, size));
    return find_seal(source, start, durable_from, size, budget);
}

}  // namespace tidemark::aof
