#include "rdb/codec/reader.h"

#include <fmt/format.h>

#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

std::optional<int> parse_version(std::string_view digits) {
    int version = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        version = version * 10 + (c - '0');
    }
    return version;
}

// A module's number holds its type name: nine characters of six bits, the first one on top, above
// ten bits of version.
std::string module_name(uint64_t id) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name;
    for (int shift = 58; shift >= 10; shift -= 6) name += kAlphabet[id >> shift & 63];
    return name;
}

// The first line of a function library's source: "#!lua name=mylib".
std::string_view first_line(std::string_view source) {
    return source.substr(0, source.find('\n'));
}

std::string_view verdict(ErrorCode code) {
    switch (code) {
        case ErrorCode::kTruncated:
            return "the RDB data ends early, at offset";
        case ErrorCode::kUnsupported:
            return "the RDB data cannot be loaded because of what is at offset";
        default:
            return "the RDB data is damaged at offset";
    }
}

}  // namespace

tl::unexpected<Error> Reader::unsupported(std::string what) const {
    return fail(ErrorCode::kUnsupported, std::move(what), record_);
}

tl::unexpected<Error> Reader::corrupt(std::string what) const {
    return fail(ErrorCode::kCorrupt, std::move(what), record_);
}

Result<Summary> Reader::read() {
    Status status = read_all();
    if (status) return summary_;
    Error error = std::move(status).error();
    if (error.offset != kNoOffset) {
        error.what = fmt::format("{} {}: {}", verdict(error.code), error.offset, error.what);
    }
    return fail(std::move(error));
}

Status Reader::read_all() {
    TM_CHECK(read_head());
    TM_CHECK(read_records());
    TM_CHECK(read_checksum());
    TM_CHECK(sink_.end());
    summary_.end_offset = in_.offset();
    return {};
}

Status Reader::read_head() {
    const std::string_view head = TM_TRY(in_.source().take(kHeadBytes));
    std::string_view digits;
    if (head.starts_with(kRedisMagic)) {
        digits = head.substr(kRedisMagic.size());
    } else if (head.starts_with(kValkeyMagic)) {
        summary_.dialect = Dialect::kValkey;
        digits = head.substr(kValkeyMagic.size());
    } else {
        return corrupt("it does not begin with REDIS or VALKEY");
    }
    const std::optional<int> version = parse_version(digits);
    if (!version || *version == 0) return corrupt("its version is not a number");
    summary_.version = *version;
    const bool is_known = summary_.dialect == Dialect::kValkey ? *version == kValkeyVersion
                                                               : *version <= kRedisVersionMax;
    if (is_known) return {};
    return unsupported(fmt::format("its version is {}; known are 1 to {}, and Valkey's {}",
                                   *version, kRedisVersionMax, kValkeyVersion));
}

Status Reader::read_records() {
    while (true) {
        record_ = in_.offset();
        if (record_ >= next_progress_) TM_CHECK(tell_progress());
        const uint8_t first = TM_TRY(in_.byte());
        if (first == opcode::kEof) return {};
        TM_CHECK(read_attribute_or_key(first));
    }
}

Status Reader::tell_progress() {
    next_progress_ = record_ + kProgressBytes;
    return sink_.progress(record_, in_.source().size());
}

Status Reader::read_attribute_or_key(uint8_t first) {
    // Most records are keys, and most of those are strings.
    if (first < opcode::kKeyMeta) return read_key(first);
    return read_opcode(first);
}

Status Reader::read_opcode(uint8_t opcode) {
    switch (opcode) {
        case opcode::kExpireTime:
            attributes_.expire_at_ms = int64_t{1000} * TM_TRY(in_.int32());
            return {};
        case opcode::kExpireTimeMs:
            attributes_.expire_at_ms = TM_TRY(in_.int64());
            return {};
        case opcode::kFreq:
            attributes_.frequency = TM_TRY(in_.byte());
            return {};
        case opcode::kIdle:
            attributes_.idle_seconds = TM_TRY(in_.length());
            return {};
        case opcode::kSelectDb:
            return read_select();
        case opcode::kAux:
            return read_aux();
        case opcode::kResizeDb:  // keys, keys with an expiry
            return skip_lengths(2);
        case opcode::kSlotInfo:  // slot, keys, keys with an expiry
            return skip_lengths(3);
        case opcode::kFunction:
            return refuse_function();
        case opcode::kModuleAux:
            return refuse_module_aux();
        case opcode::kFunctionPreGa:
            return unsupported("a function in the form of a release candidate of Redis 7.0");
        case opcode::kKeyMeta:
            if (summary_.dialect == Dialect::kValkey)
                return unsupported("the import of a cluster slot was under way");
            return unsupported("modules' metadata of a key, which would be lost");
        default:
            return refuse_unknown(opcode);
    }
}

Status Reader::read_select() {
    db_ = TM_TRY(in_.length());
    Status status = sink_.select_db(db_);
    if (!status && status.error().offset == kNoOffset) status.error().offset = record_;
    return status;
}

Status Reader::read_aux() {
    name_.assign(TM_TRY(in_.string()));
    sink_.aux(name_, TM_TRY(in_.string()));
    return {};
}

Status Reader::skip_lengths(int count) {
    for (int i = 0; i < count; ++i) TM_TRY(in_.length());
    return {};
}

Status Reader::refuse_function() {
    const std::string_view source = TM_TRY(in_.string());
    return unsupported(
        fmt::format("a library of functions, which would be lost: {}; FUNCTION DELETE it first",
                    printable(first_line(source))));
}

Status Reader::refuse_module_aux() {
    const uint64_t id = TM_TRY(in_.length());
    return unsupported(
        fmt::format("data of the module type '{}', which would be lost", module_name(id)));
}

Status Reader::refuse_unknown(uint8_t first) const {
    return corrupt(
        fmt::format("{} is neither a type nor an opcode of version {}", first, summary_.version));
}

Status Reader::read_key(uint8_t type) {
    const TypeRow* row = find_type(summary_.dialect, type);
    if (row == nullptr) return refuse_unknown(type);
    name_.assign(TM_TRY(in_.string()));
    if (row->decode == nullptr) {
        return unsupported(
            fmt::format("key '{}' of db {} is a {} ({}, type {}); only strings can "
                        "be loaded yet",
                        printable(name_), db_, row->kind, row->encoding, type));
    }
    Status status = sink_.begin_key({db_, name_, attributes_.expire_at_ms, attributes_.idle_seconds,
                                     attributes_.frequency, record_});
    if (status) status = row->decode(in_, sink_);
    if (!status) {
        Error error = std::move(status).error();
        if (error.offset == kNoOffset) error.offset = record_;
        return fail(std::move(error));
    }
    attributes_ = {};
    ++summary_.keys;
    return {};
}

Status Reader::read_checksum() {
    if (summary_.version < kFirstVersionWithChecksum) return {};
    record_ = in_.offset();
    const uint64_t computed = in_.source().checksum();
    const auto stored = static_cast<uint64_t>(TM_TRY(in_.int64()));
    if (stored == 0) return {};
    if (stored != computed) {
        return corrupt(
            fmt::format("the checksum is {:016x} and should be {:016x}", stored, computed));
    }
    summary_.is_checksummed = true;
    return {};
}

}  // namespace tidemark::rdb
