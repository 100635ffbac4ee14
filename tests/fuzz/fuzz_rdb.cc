// Any bytes as a dump. What is read without an error is written again, in the newest version, and
// must read back as the same; what is not is read on behind each error; seals are looked for. Built
// by tests/fuzz/build.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "rdb/codec/encoder.h"
#include "rdb/codec/reader.h"
#include "rdb/codec/record_reader.h"
#include "rdb/codec/seal_reader.h"
#include "tests/rdb/event_log.h"

namespace tidemark::rdb {
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

template <class T>
void require_ok(const Result<T>& result) {
    if (result) return;
    std::fprintf(stderr, "%s\n", result.error().what.c_str());
    std::abort();
}

// A copy in the newest version of the same family; nothing is lost but what only the source knows.
std::string rewritten(Input& input, const Summary& summary) {
    const int version = summary.dialect == Dialect::kValkey ? kValkeyVersion : kRedisVersionMax;
    StringSink out;
    DumpWriter dump(out, {.dialect = summary.dialect, .version = version, .segment_bytes = 100});
    EncodeOptions options{.dialect = summary.dialect, .version = version};
    options.source = &input;
    Encoder encoder(dump, options);
    require_ok(dump.begin());
    require_ok(Reader(input, encoder).read());
    require_ok(dump.finish());
    return out.take();
}

void check_same(Input& input, const EventLog& expected, const Summary& summary) {
    const std::string bytes = rewritten(input, summary);
    MemoryInput copy(bytes);
    EventLog found;
    require_ok(Reader(copy, found).read());
    require(found.keys == expected.keys);
    require(found.functions == expected.functions);
    const auto index = read_index(copy);
    require_ok(index);
    for (const Segment& segment : *index) require_ok(verify_segment(copy, segment));
}

// As a tool goes on behind damage: what cannot be read is skipped by its frame, which must end
// behind where it began.
enum class Depth { kFrame, kValue };

void skip_through(Input& input, Depth depth) {
    EventLog log;
    RecordReader records(input, log);
    if (!records.read_head()) return;
    uint64_t last = 0;
    while (true) {
        const auto record = records.next();
        if (!record || (*record)->kind == RecordKind::kEof) return;
        require((*record)->offset >= last);
        last = (*record)->offset;
        if ((*record)->kind != RecordKind::kKey) continue;
        if (depth == Depth::kValue && records.read_value()) continue;
        if (!records.skip_value()) return;
        require(records.offset() > last);
    }
}

void check_seals(Input& input) {
    if (const auto index = read_index(input)) {
        for (const Segment& segment : *index) (void)verify_segment(input, segment);
    }
    const auto seal = find_next_seal(input, 0);
    if (seal && *seal) (void)verify_segment(input, **seal);
}

}  // namespace
}  // namespace tidemark::rdb

// A checksum of 0 is not looked at: no mutation would find one that fits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace tidemark::rdb;
    std::string bytes(reinterpret_cast<const char*>(data), size);
    bytes.replace(size - std::min<size_t>(size, 8), 8, 8, '\0');
    MemoryInput input(bytes);
    EventLog log;
    const auto summary = Reader(input, log).read();
    if (summary) check_same(input, log, *summary);
    for (const Depth depth : {Depth::kFrame, Depth::kValue}) skip_through(input, depth);
    check_seals(input);
    return 0;
}
