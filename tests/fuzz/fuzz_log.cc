// Any bytes as a log file: walked by its grammar, searched for seals and records, repaired. Built
// by tests/fuzz/build.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "aof/codec/log_walk.h"
#include "aof/codec/piece_repair.h"
#include "aof/codec/seal_search.h"

namespace tidemark::aof {
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

FileEnding walk(std::string_view bytes, WalkOptions options) {
    MemorySource source(bytes);
    LogWalk log(source, options);
    uint64_t last = 0;
    while (true) {
        const Result<Item> item = log.next();
        require(item.has_value());  // memory can be read
        if (item->kind == ItemKind::kEnd) return log.ending();
        if (item->kind == ItemKind::kRecord) {
            require(item->offset >= last && item->offset + item->length <= bytes.size());
            last = item->offset + item->length;
            size_t sum = 0;
            for (const std::string_view arg : log.args_of(*item)) sum += arg.size();
            require(sum <= item->length);
        }
        log.release();
    }
}

void check(std::string_view bytes, WalkOptions options) {
    const FileEnding ending = walk(bytes, options);
    require(ending.keep <= bytes.size());
    const bool is_cut = ending.ending == Ending::kTruncated || ending.ending == Ending::kTorn ||
                        ending.ending == Ending::kOpenMulti;
    if (!is_cut) return;
    // What is kept of a file that was cut is whole.
    const FileEnding again = walk(bytes.substr(0, ending.keep), options);
    require(again.ending == Ending::kClean || again.ending == Ending::kFill ||
            again.ending == Ending::kForeign);
    require(again.keep <= ending.keep);
}

void search(std::string_view bytes) {
    MemorySource source(bytes);
    const auto seal = find_seal(source, 0, 0);
    require(seal.has_value());
    if (*seal) require((*seal)->offset + (*seal)->length <= bytes.size());
    if (const auto piece = repair_piece(source, 0, bytes.size()); piece && *piece) {
        require((*piece)->wrong_at < bytes.size());
    }
}

}  // namespace
}  // namespace tidemark::aof

// The first byte chooses the options.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    tidemark::aof::WalkOptions options;
    options.seals_promised = (data[0] & 1) != 0;
    tidemark::aof::check(bytes, options);
    if ((data[0] & 2) != 0) tidemark::aof::search(bytes);
    return 0;
}
