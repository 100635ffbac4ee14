#include "aof/codec/seal_search.h"

#include <algorithm>
#include <memory>

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

Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from,
                                      uint64_t end, SearchBudget& budget) {
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
            if (!seal || seal->offset != start + at || seal->durable < durable_from) continue;
            if (TM_TRY(seal_holds(source, line, *seal))) return seal;
            TM_CHECK(budget.charge(std::min(seal->length, source.size())));
        }
        start += got - (kSealBytes - 1);
    }
    return std::optional<Seal>();
}

Result<std::optional<Seal>> find_seal(ByteSource& source, uint64_t start, uint64_t durable_from) {
    const uint64_t size = source.size();
    SearchBudget budget(size - std::min(start, size));
    return find_seal(source, start, durable_from, size, budget);
}

}  // namespace tidemark::aof
