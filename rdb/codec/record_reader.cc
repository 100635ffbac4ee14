#include "rdb/codec/record_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "rdb/codec/aux_names.h"
#include "rdb/codec/module.h"
#include "rdb/codec/skip.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

std::optional<int> parse_version(std::string_view digits) {
    int version = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        version = version * 10 + (c - '0');
    }
    return version;
}

}  // namespace

tl::unexpected<Error> RecordReader::refused(Error error) {
    finding_ = in_.finding();
    if (!finding_ && error.code == ErrorCode::kTruncated) {
        finding_.emplace();
        finding_->code = FindingCode::kTruncated;
        finding_->begin = finding_->end = error.offset;
        finding_->what = error.what;
    }
    if (error.offset == kNoOffset) error.offset = record_.offset;
    if (!finding_) return fail(std::move(error));
    finding_->db = db_;
    if (is_in_key_) {
        finding_->key = name_;
        finding_->has_key = true;
        finding_->type = record_.key.type->number;
        finding_->element = to_.element();
    }
    return fail(std::move(error));
}

void RecordReader::warn(FindingCode code, uint64_t begin, std::string what,
                        std::optional<ServerDoes> server) {
    Finding finding;
    finding.server = server;
    finding.code = code;
    finding.begin = begin;
    finding.end = in_.offset();
    finding.db = db_;
    finding.what = std::move(what);
    sink_.warning(finding);
}

Status RecordReader::read_head() {
    const auto bad = [&](FindingCode code, std::string what) -> Status {
        return refused(in_.bad(code, 0, std::move(what)).value());
    };
    const auto head = in_.source().take(kHeadBytes);
    if (!head) return refused(head.error());
    std::string_view digits;
    if (head->starts_with(kRedisMagic)) {
        digits = head->substr(kRedisMagic.size());
    } else if (head->starts_with(kValkeyMagic)) {
        dialect_ = Dialect::kValkey;
        digits = head->substr(kValkeyMagic.size());
    } else {
        return bad(FindingCode::kNotAnRdb, "it does not begin with REDIS or VALKEY");
    }
    const std::optional<int> version = parse_version(digits);
    if (!version || *version == 0) {
        return bad(FindingCode::kNotAnRdb, "its version is not a number");
    }
    version_ = *version;
    const bool is_known =
        dialect_ == Dialect::kValkey ? *version == kValkeyVersion : *version <= kRedisVersionMax;
    if (is_known) return {};
    return bad(FindingCode::kVersionUnknown,
               fmt::format("its version is {}; known are 1 to {}, and Valkey's {}", *version,
                           kRedisVersionMax, kValkeyVersion));
}

void RecordReader::start_at(uint64_t offset, const ReaderState& state) {
    dialect_ = state.dialect;
    version_ = state.version;
    db_ = state.db;
    attributes_ = {};
    is_in_key_ = has_record_ = false;
    warned_newer_.reset();
    noncanonical_seen_ = in_.noncanonical_lengths();
    hints_.give_up();
    in_.forget_finding();
    finding_.reset();
    in_.source().seek(offset);
}

Result<const Record*> RecordReader::next() {
    is_in_key_ = has_record_ = false;
    do {
        record_.offset = in_.offset();
        Status status = read_record();
        if (!status) return refused(std::move(status).error());
    } while (!has_record_);
    return &record_;
}

// One step: an attribute of a key, an opcode or a key up to its value.
Status RecordReader::read_record() {
    const uint8_t first = TM_TRY(in_.byte());
    // Most records are keys, and most of those are strings.
    if (first < opcode::kKeyMeta) return read_key(first);
    return read_opcode(first);
}

Status RecordReader::done(RecordKind kind) {
    record_.kind = kind;
    has_record_ = true;
    if (in_.noncanonical_lengths() != noncanonical_seen_) warn_of_lengths();
    return {};
}

void RecordReader::warn_of_lengths() {
    noncanonical_seen_ = in_.noncanonical_lengths();
    warn(FindingCode::kNonCanonical, record_.offset, "a length takes more bytes than it needs");
}

Status RecordReader::read_key(uint8_t type) {
    const TypeRow* row = find_type(dialect_, type);
    if (row == nullptr) return refuse_unknown(type);
    std::string_view name;
    if (!in_.try_plain(name)) name = TM_TRY(in_.string());
    name_.assign(name);
    KeyRecord& key = record_.key;
    key.db = db_;
    key.name = name_;
    key.expire_at_ms = attributes_.expire_at_ms;
    key.idle_seconds = attributes_.idle_seconds;
    key.frequency = attributes_.frequency;
    key.offset = record_.offset;
    key.begin_offset = std::min(attributes_.begin, record_.offset);
    key.type = row;
    attributes_ = {};
    is_in_key_ = true;
    to_.no_element();
    value_begin_ = in_.offset();
    hints_.count(key.expire_at_ms.has_value());
    warn_if_newer("type", type, row->since);
    return done(RecordKind::kKey);
}

// Once for each type and opcode.
void RecordReader::warn_of_newer(std::string_view what, uint8_t number, int since) {
    if (warned_newer_[number]) return;
    warned_newer_.set(number);
    warn(FindingCode::kTypeNewerThanVersion, record_.offset,
         fmt::format("{} {} came with version {}, and the file says that it is {}", what, number,
                     since, version_));
}

Status RecordReader::read_value(ValueSink& sink) {
    TM_ASSERT(is_in_key_);
    Status status = value_into(sink);
    if (!status) return refused(std::move(status).error());
    if (in_.noncanonical_lengths() != noncanonical_seen_) warn_of_lengths();
    is_in_key_ = false;
    return {};
}

Status RecordReader::value_into(ValueSink& sink) {
    const TypeRow& row = *record_.key.type;
    TM_CHECK(sink.begin_key(record_.key));
    if (row.decode == nullptr) {
        return in_.bad(FindingCode::kUnsupported, record_.offset,
                       fmt::format("key '{}' of db {} is a {} ({}, type {}), which cannot be read",
                                   printable(name_), db_, row.kind, row.encoding, row.number));
    }
    to_.begin(record_.key, sink);
    TM_CHECK(row.decode(to_));
    return sink.end_key(in_.offset());
}

Status RecordReader::skip_value() {
    TM_ASSERT(record_.kind == RecordKind::kKey);
    finding_.reset();
    in_.forget_finding();
    if (in_.offset() != value_begin_) in_.source().seek(value_begin_);
    is_in_key_ = true;
    to_.no_element();
    Status status = rdb::skip_value(in_, record_.key.type->shape);
    if (!status) return refused(std::move(status).error());
    is_in_key_ = false;
    return {};
}

Status RecordReader::read_opcode(uint8_t first) {
    switch (first) {
        case opcode::kExpireTime:
        case opcode::kExpireTimeMs:
        case opcode::kFreq:
        case opcode::kIdle:
            return read_attribute(first);
        case opcode::kSelectDb:
            return read_select();
        case opcode::kAux:
            return read_aux();
        case opcode::kResizeDb:
            return read_resize();
        case opcode::kSlotInfo:
            return read_slot_info();
        case opcode::kFunction:
            return read_function();
        case opcode::kModuleAux:
            return read_module_aux();
        case opcode::kFunctionPreGa:
            return in_.bad(FindingCode::kUnsupported, record_.offset,
                           "a function in the form of a release candidate of Redis 7.0");
        case opcode::kKeyMeta:
            return dialect_ == Dialect::kValkey ? read_slot_import() : read_key_meta();
        case opcode::kEof:
            return end_of_records();
        default:
            return refuse_unknown(first);
    }
}

Status RecordReader::read_attribute(uint8_t first) {
    attributes_.begin = std::min(attributes_.begin, record_.offset);
    switch (first) {
        case opcode::kExpireTime:
            attributes_.expire_at_ms = int64_t{1000} * TM_TRY(in_.int32());
            return {};
        case opcode::kExpireTimeMs:
            attributes_.expire_at_ms = TM_TRY(in_.int64());
            return {};
        case opcode::kFreq:
            attributes_.frequency = TM_TRY(in_.byte());
            return {};
        default:
            attributes_.idle_seconds = TM_TRY(in_.length_below_max());
            return {};
    }
}

Status RecordReader::read_select() {
    db_ = TM_TRY(in_.length());
    hints_.select(db_);
    TM_CHECK(sink_.select_db(db_));
    return done(RecordKind::kSelectDb);
}

Status RecordReader::read_resize() {
    const uint64_t keys = TM_TRY(in_.length());
    const uint64_t with_expiry = TM_TRY(in_.length());
    hints_.hint(keys, with_expiry, record_.offset);
    for (const uint64_t hint : {keys, with_expiry}) warn_if_too_large(hint);
    sink_.resize_db(keys, with_expiry);
    return done(RecordKind::kResizeDb);
}

// A server makes a table of that size at once, of eight bytes an entry. Addresses have 47 bits, and
// where the product does not fit 64 it does without. The largest number is not read as one.
void RecordReader::warn_if_too_large(uint64_t hint) {
    constexpr uint64_t kEntriesMax = uint64_t{1} << 44;
    constexpr uint64_t kEntriesAskedMax = uint64_t{1} << 60;
    const bool is_unread = hint == UINT64_MAX;
    if (hint < kEntriesMax || (hint > kEntriesAskedMax && !is_unread)) return;
    warn(FindingCode::kHintTooLarge, record_.offset,
         fmt::format("{} keys are promised, more than any server has memory for", hint),
         is_unread ? ServerDoes::kRefuses : ServerDoes::kAborts);
}

Status RecordReader::read_slot_info() {
    const uint64_t slot = TM_TRY(in_.length());
    const uint64_t keys = TM_TRY(in_.length());
    const uint64_t with_expiry = TM_TRY(in_.length());
    warn_if_newer("opcode", opcode::kSlotInfo, opcode::kSlotInfoSince);
    for (const uint64_t hint : {keys, with_expiry}) warn_if_too_large(hint);
    sink_.slot_info(slot, keys, with_expiry);
    return done(RecordKind::kSlotInfo);
}

Status RecordReader::read_aux() {
    name_.assign(TM_TRY(in_.string()));
    const std::string_view value = TM_TRY(in_.string());
    if (!is_known_aux(name_)) {
        warn(FindingCode::kUnknownAux, record_.offset,
             fmt::format("the AUX field '{}' is not known", printable(name_)));
    }
    if (name_.starts_with(kOwnAuxPrefix)) check_seal(value);
    sink_.aux(name_, value);
    return done(RecordKind::kAux);
}

void RecordReader::check_seal(std::string_view text) {
    const std::optional<uint64_t> crc = in_.source().checksum();
    if (!crc) return;
    const Status status = seals_.on_aux(name_, text, in_.offset(), *crc);
    if (status) return;
    const uint64_t begin = status.error().offset;
    damaged_segment_ = std::min(damaged_segment_, begin);
    warn(FindingCode::kSealMismatch, begin, status.error().what);
}

Status RecordReader::read_function() {
    const std::string_view source = TM_TRY(in_.string());
    warn_if_newer("opcode", opcode::kFunction, opcode::kFunctionSince);
    TM_CHECK(sink_.function(source));
    return done(RecordKind::kFunction);
}

Status RecordReader::read_module_aux() {
    constexpr uint64_t kUnsignedOpcode = 2;
    const std::string module = module_name(TM_TRY(in_.length()));
    if (TM_TRY(in_.length()) != kUnsignedOpcode) {
        return in_.bad(
            FindingCode::kBadEncoding, record_.offset,
            fmt::format("data of the module type '{}' does not say when it is loaded", module));
    }
    TM_TRY(in_.length());  // before the keys or after them
    TM_CHECK(skip_module_data(in_));
    warn(FindingCode::kModuleOpaque, record_.offset,
         fmt::format("data of the module type '{}' is not looked into", module));
    TM_CHECK(sink_.module_aux(module, record_.offset, in_.offset()));
    return done(RecordKind::kModuleAux);
}

// Belongs to the key that follows: an attribute, in a way.
Status RecordReader::read_key_meta() {
    constexpr uint64_t kSpecBytes = 4;
    attributes_.begin = std::min(attributes_.begin, record_.offset);
    const uint64_t classes = TM_TRY(in_.count(kSpecBytes + 1));
    for (uint64_t i = 0; i < classes; ++i) {
        TM_CHECK(in_.source().skip(kSpecBytes));
        TM_CHECK(skip_module_data(in_));
    }
    warn_if_newer("opcode", opcode::kKeyMeta, opcode::kKeyMetaSince);
    warn(FindingCode::kModuleOpaque, record_.offset,
         "modules' metadata of a key is not looked into");
    return sink_.key_meta(record_.offset, in_.offset());
}

Status RecordReader::read_slot_import() {
    constexpr size_t kJobBytes = 40;
    constexpr uint64_t kSlots = 16384;
    name_.assign(TM_TRY(in_.string()));
    if (name_.size() != kJobBytes) {
        return in_.bad(FindingCode::kBadEncoding, record_.offset,
                       fmt::format("the name of a slot import has {} bytes", name_.size()));
    }
    const uint64_t ranges = TM_TRY(in_.count(2));
    for (uint64_t i = 0; i < ranges; ++i) {
        const uint64_t first = TM_TRY(in_.length());
        const uint64_t last = TM_TRY(in_.length());
        if (first <= last && last < kSlots) continue;
        return in_.bad(FindingCode::kBadEncoding, record_.offset,
                       fmt::format("{} to {} is no range of slots", first, last));
    }
    TM_CHECK(sink_.slot_import(name_, record_.offset, in_.offset()));
    return done(RecordKind::kSlotImport);
}

Status RecordReader::end_of_records() {
    if (attributes_.begin != kNoOffset) {
        warn(FindingCode::kDanglingAttribute, attributes_.begin,
             "an expiry, idle time or frequency is followed by no key");
    }
    hints_.compare([&](const CountHints::Miss& miss) {
        warn(FindingCode::kCountHint, miss.offset, miss.what);
    });
    return done(RecordKind::kEof);
}

Status RecordReader::refuse_unknown(uint8_t first) {
    const FindingCode code =
        first < opcode::kKeyMeta ? FindingCode::kUnknownType : FindingCode::kUnknownOpcode;
    return in_.bad(
        code, record_.offset,
        fmt::format("{} is neither a type nor an opcode of version {}", first, version_));
}

bool RecordReader::is_at_end() {
    constexpr uint64_t kChecksumBytes = 8;
    if (in_.source().size() == kUnknownSize) return true;
    const uint64_t left = in_.source().remaining();
    return left == (version_ < kFirstVersionWithChecksum ? 0 : kChecksumBytes);
}

Status RecordReader::read_trailer() {
    if (version_ < kFirstVersionWithChecksum) return {};
    record_.offset = in_.offset();
    const std::optional<uint64_t> computed = in_.source().checksum();
    const auto bytes = in_.int64();
    if (!bytes) return refused(bytes.error());
    const auto stored = static_cast<uint64_t>(*bytes);
    if (stored == 0) {
        warn(FindingCode::kChecksumAbsent, record_.offset, "the writer computed no checksum");
        return {};
    }
    if (!computed) return {};  // not all of it was read
    if (stored != *computed) {
        return refused(
            in_.bad(FindingCode::kChecksumMismatch, record_.offset,
                    fmt::format("the checksum is {:016x} and should be {:016x}", stored, *computed))
                .value());
    }
    is_checksummed_ = true;
    return {};
}

}  // namespace tidemark::rdb
