#include "tools/dump_diff/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <initializer_list>
#include <utility>
#include <vector>

#include "tools/dump_diff/type_name.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kReadBytes = 64 * 1024;

// What is being mixed, so that a list of a thing and a set of it differ.
enum class What : uint64_t {
    kKey,
    kString,
    kElement,
    kMember,
    kScored,
    kField,
    kEntry,
    kPair,
    kState,
    kGroup,
    kPending,
    kConsumer,
    kOwned,
    kProducers,
    kModule,
    kEnd,
};

Digest digest_of(const XXH128_hash_t& hash) {
    return {hash.low64, hash.high64};
}

constexpr size_t kWordsMax = 8;

// Of a few words: `what` and those of the digests and numbers.
Digest mix(What what, std::initializer_list<uint64_t> numbers) {
    std::array<uint64_t, kWordsMax> words{};
    size_t count = 0;
    words[count++] = static_cast<uint64_t>(what);
    for (const uint64_t number : numbers) words[count++] = number;
    return digest_of(XXH3_128bits(words.data(), count * sizeof(uint64_t)));
}

// The next link of a chain.
Digest link(What what, const Digest& chain, const Digest& next, uint64_t a = 0, uint64_t b = 0) {
    return mix(what, {chain.low, chain.high, next.low, next.high, a, b});
}

}  // namespace

Digest digest_of(std::string_view bytes) {
    return digest_of(XXH3_128bits(bytes.data(), bytes.size()));
}

Digest key_digest(uint64_t db, std::string_view name) {
    const Digest named = digest_of(name);
    return mix(What::kKey, {db, named.low, named.high});
}

struct ValueDigest::LongText {
    XXH3_state_t state;
};

ValueDigest::ValueDigest(rdb::Input& input) : input_(input), long_(std::make_unique<LongText>()) {}

ValueDigest::~ValueDigest() = default;

Status ValueDigest::begin_key(const rdb::KeyRecord& key) {
    chain_ = rdb_check::digest_of(type_name(*key.type));
    sum_ = {};
    in_group_ = in_consumer_ = false;
    return {};
}

Status ValueDigest::end_key(uint64_t) {
    end_group();
    value_ = link(What::kEnd, chain_, sum_);
    return {};
}

Status ValueDigest::long_string(uint64_t) {
    is_long_ = true;
    XXH3_128bits_reset(&long_->state);
    return {};
}

Status ValueDigest::part(std::string_view bytes) {
    XXH3_128bits_update(&long_->state, bytes.data(), bytes.size());
    return {};
}

// Of a string that is whole, or of the one of which `rest` is the end: the same for the same bytes.
Digest ValueDigest::text(std::string_view rest) {
    if (!std::exchange(is_long_, false)) return rdb_check::digest_of(rest);
    XXH3_128bits_update(&long_->state, rest.data(), rest.size());
    return digest_of(XXH3_128bits_digest(&long_->state));
}

Status ValueDigest::string(std::string_view value) {
    chain_ = link(What::kString, chain_, text(value));
    return {};
}

Status ValueDigest::element(std::string_view value) {
    chain_ = link(What::kElement, chain_, text(value));
    return {};
}

Status ValueDigest::member(std::string_view value) {
    sum_ += link(What::kMember, {}, text(value));
    return {};
}

Status ValueDigest::scored(std::string_view value, double score) {
    sum_ += link(What::kScored, {}, text(value), std::bit_cast<uint64_t>(score));
    return {};
}

Status ValueDigest::field(std::string_view name) {
    field_ = text(name);
    return {};
}

Status ValueDigest::field_value(std::string_view value, std::optional<int64_t> expire_at_ms) {
    sum_ += link(What::kField, field_, text(value), expire_at_ms ? 1 : 0,
                 static_cast<uint64_t>(expire_at_ms.value_or(0)));
    return {};
}

Status ValueDigest::stream_entry(rdb::StreamId id, uint64_t fields) {
    chain_ = link(What::kEntry, chain_, {id.ms, id.seq}, fields);
    return {};
}

Status ValueDigest::stream_field(std::string_view name) {
    return field(name);
}

Status ValueDigest::stream_value(std::string_view value) {
    chain_ = link(What::kPair, chain_, link(What::kPair, field_, text(value)));
    return {};
}

Status ValueDigest::stream_state(const rdb::StreamState& state) {
    chain_ = link(What::kState, chain_, {state.last_id.ms, state.last_id.seq}, state.entries_added);
    chain_ = link(What::kState, chain_, {state.max_deleted_id.ms, state.max_deleted_id.seq});
    return {};
}

Status ValueDigest::stream_group(const rdb::StreamGroup& group) {
    end_group();
    in_group_ = true;
    consumers_ = {};
    group_ = link(What::kGroup, text(group.name), {group.last_id.ms, group.last_id.seq});
    return {};
}

Status ValueDigest::stream_pending(const rdb::StreamPending& pending) {
    group_ = link(What::kPending, group_, {pending.id.ms, pending.id.seq},
                  static_cast<uint64_t>(pending.delivered_at_ms), pending.deliveries);
    return {};
}

Status ValueDigest::stream_consumer(const rdb::StreamConsumer& consumer) {
    end_consumer();
    in_consumer_ = true;
    consumer_ = link(What::kConsumer, {}, text(consumer.name));
    return {};
}

Status ValueDigest::stream_owned(rdb::StreamId id) {
    consumer_ = link(What::kOwned, consumer_, {id.ms, id.seq});
    return {};
}

void ValueDigest::end_consumer() {
    if (std::exchange(in_consumer_, false)) consumers_ += consumer_;
}

void ValueDigest::end_group() {
    end_consumer();
    if (std::exchange(in_group_, false)) sum_ += link(What::kGroup, group_, consumers_);
}

Status ValueDigest::stream_producers(const rdb::StreamProducers& producers) {
    end_group();
    chain_ = link(What::kProducers, chain_, {producers.duration_s, producers.entries_max});
    return {};
}

Status ValueDigest::stream_producer(std::string_view name, uint64_t iids) {
    chain_ = link(What::kProducers, chain_, text(name), iids);
    return {};
}

Status ValueDigest::stream_iid(std::string_view iid, rdb::StreamId id) {
    chain_ = link(What::kProducers, chain_, text(iid), id.ms, id.seq);
    return {};
}

Status ValueDigest::stream_producers_end(const rdb::StreamProducers& producers) {
    chain_ = link(What::kProducers, chain_, {producers.iids_added, producers.iids_duplicates});
    return {};
}

Status ValueDigest::module_value(std::string_view, uint64_t begin, uint64_t end) {
    std::vector<char> bytes(kReadBytes);
    TM_CHECK(long_string(end - begin));
    for (uint64_t at = begin; at < end;) {
        const size_t wanted = std::min<uint64_t>(bytes.size(), end - at);
        const size_t got = TM_TRY(input_.read_at(bytes.data(), wanted, at));
        if (got == 0) return fail(ErrorCode::kTruncated, "it became shorter while being read", at);
        TM_CHECK(part({bytes.data(), got}));
        at += got;
    }
    chain_ = link(What::kModule, chain_, text({}));
    return {};
}

}  // namespace tidemark::rdb_check
