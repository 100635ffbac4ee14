#include "bench/check_dumps.h"

#include <fmt/format.h>

#include <array>

#include "base/random.h"
#include "rdb/codec/pack.h"
#include "tools/common/output_file.h"

namespace tidemark::bench {

namespace {

constexpr uint8_t kString = 0;
constexpr uint8_t kHash = 4;
constexpr uint8_t kHashListpack = 16;
constexpr uint8_t kZsetListpack = 17;
constexpr uint8_t kQuicklist2 = 18;
constexpr uint8_t kPacked = 2;

// Printable, so that nothing is stored as an integer.
void append_text(Buffer& out, Random& random, size_t length) {
    rdb::pack_length(out, length);
    char* to = out.reserve(length + 8);
    for (size_t i = 0; i < length; i += 8) {
        uint64_t bits = random.next();
        for (size_t k = 0; k < 8; ++k, bits >>= 8)
            to[i + k] = static_cast<char>('a' + static_cast<char>(bits & 15));
    }
    out.commit(length);
}

void append_name(Buffer& out, std::string_view prefix, uint64_t number) {
    std::array<char, 32> text;
    const auto end = fmt::format_to_n(text.data(), text.size(), "{}{:012}", prefix, number);
    rdb::pack_raw_string(out, {text.data(), end.size});
}

// A listpack of `count` strings of `length` bytes each (below 64), or of such and small integers in
// turn, ascending.
std::string listpack(Random& random, size_t count, size_t length, bool with_scores) {
    std::string body;
    for (size_t i = 0; i < count; ++i) {
        body += static_cast<char>(0x80 | length);
        body += fmt::format("{:03}", i);
        for (size_t k = 3; k < length; ++k) body += static_cast<char>('a' + random.below(26));
        body += static_cast<char>(length + 1);
        if (!with_scores) continue;
        body += static_cast<char>(i);
        body += '\x01';
    }
    Buffer head;
    rdb::pack_little_endian(head, 6 + body.size() + 1, 4);
    rdb::pack_little_endian(head, with_scores ? 2 * count : count, 2);
    return std::string(head.view()) + body + '\xff';
}

void append_string_key(Buffer& out, Random& random, uint64_t number) {
    rdb::pack_byte(out, kString);
    append_name(out, "key:", number);
    append_text(out, random, 32 + random.below(97));
}

void append_mixed_key(Buffer& out, Random& random, uint64_t number) {
    switch (random.below(10)) {
        case 0:
            rdb::pack_byte(out, kHashListpack);
            append_name(out, "h:", number);
            rdb::pack_raw_string(out, listpack(random, 12, 16, false));
            return;
        case 1:
            rdb::pack_byte(out, kZsetListpack);
            append_name(out, "z:", number);
            rdb::pack_raw_string(out, listpack(random, 10, 12, true));
            return;
        case 2:
            rdb::pack_byte(out, kQuicklist2);
            append_name(out, "l:", number);
            rdb::pack_length(out, 1);
            rdb::pack_length(out, kPacked);
            rdb::pack_raw_string(out, listpack(random, 15, 20, false));
            return;
        default:
            append_string_key(out, random, number);
    }
}

Result<uint64_t> write_keys(rdb::DumpWriter& dump, DumpKind kind, uint64_t bytes) {
    Random random(1);
    Buffer record;
    uint64_t number = 0;
    for (; dump.bytes() < bytes; ++number) {
        record.clear();
        if (kind == DumpKind::kMixed) {
            append_mixed_key(record, random, number);
        } else if (kind == DumpKind::kSmallStrings) {
            append_string_key(record, random, number);
        } else {
            rdb::pack_byte(record, kString);
            rdb::pack_length(record, 8);
            rdb::pack_little_endian(record, number * 0x9e3779b97f4a7c15, 8);
            rdb::pack_raw_string(record, "v");
        }
        TM_CHECK(dump.copy_record(0, record.view()));
    }
    return number;
}

Result<uint64_t> write_hash(rdb::DumpWriter& dump, uint64_t bytes) {
    constexpr size_t kFieldBytes = 32;
    const uint64_t fields = bytes / (2 * (kFieldBytes + 1));
    Random random(1);
    Buffer record;
    TM_CHECK(dump.select(0));
    rdb::pack_byte(record, kHash);
    rdb::pack_raw_string(record, "hash");
    rdb::pack_length(record, fields);
    for (uint64_t i = 0; i < fields; ++i) {
        append_name(record, "field-of-32-bytes...", i);
        append_text(record, random, kFieldBytes);
        TM_CHECK(dump.write(record.view()));
        record.clear();
    }
    TM_CHECK(dump.end_record(1));
    return fields;
}

}  // namespace

Result<uint64_t> make_dump(const std::string& path, DumpKind kind, uint64_t bytes,
                           rdb::Sealing sealing) {
    const auto file = TM_TRY(tools::OutputFile::create(path, tools::IfExists::kReplace));
    rdb::DumpOptions options;
    options.version = 10;
    options.sealing = sealing;
    rdb::DumpWriter dump(*file, options);
    TM_CHECK(dump.begin());
    const uint64_t count = TM_TRY(kind == DumpKind::kOneHash ? write_hash(dump, bytes)
                                                             : write_keys(dump, kind, bytes));
    TM_CHECK(dump.finish());
    TM_CHECK(file->commit());
    return count;
}

}  // namespace tidemark::bench
