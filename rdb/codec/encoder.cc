#include "rdb/codec/encoder.h"

#include <fmt/format.h>

#include <utility>

#include "rdb/codec/primitives.h"
#include "rdb/codec/type_numbers.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

constexpr int kFirstVersionWithModuleAux = 9;
constexpr int kFirstVersionWithFunctions = 10;
constexpr int kFirstVersionWithSlotInfo = 12;

// Hashes of these types can have fields that expire. Redis's four, and Valkey's that shares a
// number with one of them.
bool may_have_field_expiry(uint8_t type) {
    return type >= type::kHashExpiryValkey && type <= type::kHashListpackExpiry;
}

}  // namespace

Encoder::Encoder(RecordSink& sink, EncodeOptions options)
    : sink_(sink),
      options_(options),
      out_(sink, options_),
      list_(out_),
      set_(out_),
      zset_(out_),
      hash_(out_, losses_),
      stream_(out_, losses_) {}

Status Encoder::refuse_or_drop(uint64_t& losses, std::string what) {
    if (options_.loss == LossPolicy::kRefuse) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("{}, which version {} has no place for", what, options_.version));
    }
    ++losses;
    return {};
}

// --- the file

Status Encoder::select_db(uint64_t db) {
    db_ = db;
    return std::exchange(hint_, {});
}

void Encoder::aux(std::string_view name, std::string_view value) {
    const std::string_view text = whole(value);
    if (options_.version < kFirstVersionWithAux || name.starts_with(kOwnAuxPrefix)) return;
    Status status = out_.begin_opcode(opcode::kAux);
    if (status) status = out_.text(name);
    if (status) status = out_.text(text);
    if (status) status = out_.end_opcode();
    if (hint_) hint_ = std::move(status);
}

void Encoder::write_hint(uint8_t opcode, std::initializer_list<uint64_t> lengths) {
    Status status = out_.begin_opcode(opcode);
    for (const uint64_t length : lengths) {
        if (status) status = out_.length(length);
    }
    if (status) status = out_.end_opcode();
    if (hint_) hint_ = std::move(status);
}

void Encoder::resize_db(uint64_t keys, uint64_t with_expiry) {
    if (options_.version < kFirstVersionWithAux) return;
    if (Status status = sink_.select(db_); !status && hint_) hint_ = std::move(status);
    write_hint(opcode::kResizeDb, {keys, with_expiry});
}

void Encoder::slot_info(uint64_t slot, uint64_t keys, uint64_t with_expiry) {
    const bool is_valkey = options_.dialect == Dialect::kValkey;
    if (is_valkey || options_.version < kFirstVersionWithSlotInfo) return;
    write_hint(opcode::kSlotInfo, {slot, keys, with_expiry});
}

Status Encoder::function(std::string_view source) {
    const std::string_view text = whole(source);
    if (options_.version < kFirstVersionWithFunctions) {
        return refuse_or_drop(losses_.functions, "a library of functions");
    }
    TM_CHECK(out_.begin_opcode(opcode::kFunction));
    TM_CHECK(out_.text(text));
    return out_.end_opcode();
}

Status Encoder::module_aux(std::string_view module, uint64_t begin, uint64_t end) {
    if (options_.version < kFirstVersionWithModuleAux || options_.source == nullptr) {
        return refuse_or_drop(losses_.module_aux,
                              fmt::format("data of the module type '{}'", printable(module)));
    }
    TM_CHECK(out_.copy(begin, end));
    return out_.end_opcode();
}

Status Encoder::end() {
    return std::exchange(hint_, {});
}

// --- a key

Status Encoder::begin_key(const KeyRecord& key) {
    TM_CHECK(std::exchange(hint_, {}));
    if (out_.is_begun()) {
        return fail(ErrorCode::kInvalid,
                    "the record before broke off when a part of it was written");
    }
    KeyRecord record = key;
    record.name = whole(key.name);
    type_ = key.type == nullptr ? 0 : key.type->number;
    out_.hold_head(record);
    kind_ = Kind::kUnknown;
    return {};
}

Status Encoder::end_key(uint64_t) {
    switch (std::exchange(kind_, Kind::kOutside)) {
        case Kind::kList:
            TM_CHECK(list_.end());
            break;
        case Kind::kSet:
            TM_CHECK(set_.end());
            break;
        case Kind::kZset:
            TM_CHECK(zset_.end());
            break;
        case Kind::kHash:
            TM_CHECK(hash_.end());
            break;
        default:
            break;
    }
    if (held_.capacity() > kWholeStringMax) held_ = {};
    return out_.end();
}

// --- strings in parts

Result<bool> Encoder::prepare_parts() {
    switch (kind_) {
        case Kind::kUnknown:
            kind_ = Kind::kString;
            TM_CHECK(out_.begin(type::kString));
            return true;
        case Kind::kList:
            TM_CHECK(list_.make_plain());
            return true;
        case Kind::kSet:
            TM_CHECK(set_.make_plain());
            return true;
        case Kind::kZset:
            TM_CHECK(zset_.make_plain());
            return true;
        case Kind::kHash:
            if (!hash_.may_stream()) return false;
            TM_CHECK(hash_.make_plain());
            return true;
        default:
            return false;
    }
}

Status Encoder::long_string(uint64_t bytes) {
    if (TM_TRY(prepare_parts())) return out_.begin_long(bytes);
    held_.clear();
    is_holding_ = true;
    return {};
}

Status Encoder::part(std::string_view bytes) {
    if (!is_holding_) return out_.part(bytes);
    if (kind_ != Kind::kDropped) held_.append(bytes);
    return {};
}

std::string_view Encoder::whole(std::string_view rest) {
    if (!std::exchange(is_holding_, false)) return rest;
    held_.append(rest);
    return held_;
}

// --- values

Status Encoder::string(std::string_view text) {
    if (std::exchange(kind_, Kind::kString) == Kind::kUnknown) {
        TM_CHECK(out_.begin(type::kString));
    }
    return out_.text(text);
}

Status Encoder::begin_list(uint64_t count) {
    kind_ = Kind::kList;
    return list_.begin(count);
}

Status Encoder::element(std::string_view text) {
    return list_.element(text);
}

Status Encoder::begin_set(uint64_t count) {
    TM_CHECK(check_count(count));
    kind_ = Kind::kSet;
    return set_.begin(count);
}

Status Encoder::member(std::string_view text) {
    return set_.member(text);
}

Status Encoder::begin_zset(uint64_t count) {
    TM_CHECK(check_count(count));
    kind_ = Kind::kZset;
    return zset_.begin(count);
}

Status Encoder::scored(std::string_view member, double score) {
    return zset_.scored(member, score);
}

Status Encoder::begin_hash(uint64_t count) {
    TM_CHECK(check_count(count));
    kind_ = Kind::kHash;
    return hash_.begin(count,
                       may_have_field_expiry(type_) ? FieldExpiry::kPossible : FieldExpiry::kNone);
}

// A name that had to be held would be overwritten by a value that has to be: the hash keeps a copy.
Status Encoder::field(std::string_view name) {
    return hash_.field(whole(name));
}

Status Encoder::field_value(std::string_view text, std::optional<int64_t> expire_at_ms) {
    return hash_.value(whole(text), expire_at_ms);
}

Status Encoder::module_value(std::string_view module, uint64_t begin, uint64_t end) {
    if (!out_.holds(type::kModule2) || options_.source == nullptr) {
        kind_ = Kind::kDropped;
        return refuse_or_drop(losses_.module_values,
                              fmt::format("a value of the module type '{}'", printable(module)));
    }
    TM_CHECK(out_.begin(type::kModule2));
    return out_.copy(begin, end);
}

// --- streams

Status Encoder::begin_stream(uint64_t nodes) {
    if (stream_.fits()) {
        kind_ = Kind::kStream;
        return stream_.begin(nodes, type_);
    }
    kind_ = Kind::kDropped;
    return refuse_or_drop(losses_.streams, "a stream");
}

Status Encoder::stream_node(StreamId first, std::string_view listpack) {
    const std::string_view bytes = whole(listpack);
    return kind_ == Kind::kStream ? stream_.node(first, bytes) : Status();
}

// An entry's texts are in its node already.
Status Encoder::stream_field(std::string_view) {
    is_holding_ = false;
    return {};
}

Status Encoder::stream_value(std::string_view) {
    is_holding_ = false;
    return {};
}

Status Encoder::stream_state(const StreamState& state) {
    return kind_ == Kind::kStream ? stream_.state(state) : Status();
}

Status Encoder::stream_group(const StreamGroup& group) {
    StreamGroup named = group;
    named.name = whole(group.name);
    return kind_ == Kind::kStream ? stream_.group(named) : Status();
}

Status Encoder::stream_pending(const StreamPending& pending) {
    return kind_ == Kind::kStream ? stream_.pending(pending) : Status();
}

Status Encoder::stream_consumers(uint64_t count) {
    return kind_ == Kind::kStream ? stream_.consumers(count) : Status();
}

Status Encoder::stream_consumer(const StreamConsumer& consumer) {
    StreamConsumer named = consumer;
    named.name = whole(consumer.name);
    return kind_ == Kind::kStream ? stream_.consumer(named) : Status();
}

Status Encoder::stream_owned(StreamId id) {
    return kind_ == Kind::kStream ? stream_.owned(id) : Status();
}

Status Encoder::stream_producers(const StreamProducers& producers) {
    return kind_ == Kind::kStream ? stream_.producers(producers) : Status();
}

Status Encoder::stream_producer(std::string_view name, uint64_t iids) {
    const std::string_view text = whole(name);
    return kind_ == Kind::kStream ? stream_.producer(text, iids) : Status();
}

Status Encoder::stream_iid(std::string_view name, StreamId id) {
    const std::string_view text = whole(name);
    return kind_ == Kind::kStream ? stream_.iid(text, id) : Status();
}

Status Encoder::stream_producers_end(const StreamProducers& producers) {
    return kind_ == Kind::kStream ? stream_.producers_end(producers) : Status();
}

}  // namespace tidemark::rdb
