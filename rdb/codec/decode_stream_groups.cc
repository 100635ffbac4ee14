// Consumer groups of a stream, and its producers.
//
//   name | last ID | from type 19: entries read
//   length pending   | (16 bytes ID | int64 delivered at, ms | length deliveries)...
//   length consumers | (name | int64 seen at | from type 21: int64 active at
//                       | length n | n times 16 bytes ID)...
//
// Each ID that is pending is owned by exactly one consumer. IDs and names all go into the value's
// one Unique, told apart by what they are; the sums decide where that has spilled.
//
//   type 26:  length duration, s | length entries at most | length producers
//             (ID of the producer | length n | (iid | length ms | length seq)...)...
//             length iids added | length iids that were duplicates

#include <fmt/format.h>

#include "engine/encoding/little_endian.h"
#include "rdb/codec/decode_stream.h"

namespace tidemark::rdb {

namespace {

constexpr uint64_t kPendingBytesMin = kStreamIdBytes + 8 + 1;

// What a hash in the Unique stands for.
constexpr uint64_t kGroupName = 1;
constexpr uint64_t kConsumerName = 2;
constexpr uint64_t kPendingId = 3;
constexpr uint64_t kOwnedId = 4;
constexpr uint64_t kProducer = 5;
constexpr uint64_t kIid = 6;

Hash128 tagged(std::string_view bytes, uint64_t what, uint64_t parent) {
    return hash128(bytes, {what << 56 ^ parent, 0});
}

tl::unexpected<Error> second_time(Decoding& to, uint64_t begin, std::string_view what,
                                  std::string_view name) {
    return to.bad(FindingCode::kDuplicateElement, begin,
                  fmt::format("{} '{}' is there a second time", what, printable(name)));
}

}  // namespace

void StreamGroups::IdSum::add(const Hash128& hash) {
    ++count;
    low += hash.low;
    high += hash.high + (low < hash.low ? 1 : 0);
}

Hash128 StreamGroups::hash_of(StreamId id, uint64_t what, uint64_t group) {
    char bytes[kStreamIdBytes];
    encoding::store_le(bytes, id.ms);
    encoding::store_le(bytes + 8, id.seq);
    return rdb::tagged({bytes, sizeof bytes}, what, group);
}

Result<StreamId> StreamGroups::raw_id() {
    const std::string_view bytes = TM_TRY(to_.in.source().take(kStreamIdBytes));
    return StreamId{__builtin_bswap64(encoding::load_le<uint64_t>(bytes.data())),
                    __builtin_bswap64(encoding::load_le<uint64_t>(bytes.data() + 8))};
}

Status StreamGroups::decode(uint64_t count) {
    to_.unique.begin();
    for (group_ = 0; group_ < count; ++group_) TM_CHECK(decode_group());
    return to_.all_must_be_new("group, consumer or pending entry");
}

Status StreamGroups::decode_group() {
    const uint64_t begin = to_.in.offset();
    name_.assign(TM_TRY(to_.in.string()));
    if (!TM_TRY(to_.unique.add(tagged(name_, kGroupName, 0)))) {
        return second_time(to_, begin, "group", name_);
    }
    StreamGroup group;
    group.name = name_;
    group.last_id.ms = TM_TRY(to_.in.length());
    group.last_id.seq = TM_TRY(to_.in.length());
    if (form_ >= StreamForm::kSecond) group.entries_read = TM_TRY(to_.in.length());
    group.pending = TM_TRY(to_.in.count(kPendingBytesMin));
    TM_CHECK(to_.sink().stream_group(group));
    TM_CHECK(decode_pending(group.pending));

    const uint64_t consumers = TM_TRY(to_.in.count(1 + 8 + 1));
    TM_CHECK(to_.sink().stream_consumers(consumers));
    IdSum owned;
    for (uint64_t i = 0; i < consumers; ++i) TM_CHECK(decode_consumer(owned));
    if (owned == pending_) return {};
    // What all consumers own is pending; something else is, too.
    return to_.bad(FindingCode::kStreamInconsistent, begin,
                   fmt::format("{} entries are pending in group '{}', and its consumers own {} "
                               "of them",
                               pending_.count, printable(name_), owned.count),
                   ServerDoes::kLoadsUnseen);
}

Status StreamGroups::decode_pending(uint64_t count) {
    pending_ = {};
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t begin = to_.in.offset();
        StreamPending pending;
        pending.id = TM_TRY(raw_id());
        pending.delivered_at_ms = TM_TRY(to_.in.int64());
        pending.deliveries = TM_TRY(to_.in.length());
        pending_.add(hash_of(pending.id, kPendingId, group_));
        if (!TM_TRY(to_.unique.add(hash_of(pending.id, kPendingId, group_)))) {
            return second_time(to_, begin, "pending entry", to_text(pending.id));
        }
        TM_CHECK(to_.sink().stream_pending(pending));
    }
    return {};
}

Status StreamGroups::decode_consumer(IdSum& owned) {
    const uint64_t begin = to_.in.offset();
    consumer_name_.assign(TM_TRY(to_.in.string()));
    if (!TM_TRY(to_.unique.add(tagged(consumer_name_, kConsumerName, group_)))) {
        return second_time(to_, begin, "consumer", consumer_name_);
    }
    StreamConsumer consumer;
    consumer.name = consumer_name_;
    consumer.seen_at_ms = consumer.active_at_ms = TM_TRY(to_.in.int64());
    if (form_ >= StreamForm::kThird) consumer.active_at_ms = TM_TRY(to_.in.int64());
    consumer.pending = TM_TRY(to_.in.count(kStreamIdBytes));
    TM_CHECK(to_.sink().stream_consumer(consumer));
    for (uint64_t i = 0; i < consumer.pending; ++i) TM_CHECK(decode_owned(owned));
    return {};
}

Status StreamGroups::decode_owned(IdSum& owned) {
    const uint64_t begin = to_.in.offset();
    const StreamId id = TM_TRY(raw_id());
    const Hash128 pending = hash_of(id, kPendingId, group_);
    owned.add(pending);
    if (!to_.unique.is_spilled() && !to_.unique.contains(pending)) {
        return to_.bad(FindingCode::kStreamInconsistent, begin,
                       fmt::format("consumer '{}' owns {}, which is not pending in its group",
                                   printable(consumer_name_), to_text(id)));
    }
    if (!TM_TRY(to_.unique.add(hash_of(id, kOwnedId, group_)))) {
        return to_.bad(FindingCode::kStreamInconsistent, begin,
                       fmt::format("{} is owned by two consumers", to_text(id)));
    }
    return to_.sink().stream_owned(id);
}

namespace {

Status decode_producer(Decoding& to, uint64_t index) {
    const uint64_t begin = to.in.offset();
    const std::string_view name = TM_TRY(to.in.string());
    if (!TM_TRY(to.unique.add(tagged(name, kProducer, 0)))) {
        return second_time(to, begin, "producer", name);
    }
    const std::string kept(name);
    const uint64_t iids = TM_TRY(to.in.count(3));
    TM_CHECK(to.sink().stream_producer(kept, iids));
    std::string iid;
    for (uint64_t i = 0; i < iids; ++i) {
        const uint64_t iid_begin = to.in.offset();
        iid.assign(TM_TRY(to.in.string()));
        if (!TM_TRY(to.unique.add(tagged(iid, kIid, index)))) {
            return second_time(to, iid_begin, "idempotence ID", iid);
        }
        StreamId id;
        id.ms = TM_TRY(to.in.length());
        id.seq = TM_TRY(to.in.length());
        TM_CHECK(to.sink().stream_iid(iid, id));
    }
    return {};
}

}  // namespace

Status decode_producers(Decoding& to) {
    StreamProducers producers;
    producers.duration_s = TM_TRY(to.in.length());
    producers.entries_max = TM_TRY(to.in.length());
    producers.producers = TM_TRY(to.in.count(2));
    TM_CHECK(to.sink().stream_producers(producers));
    to.unique.begin();
    for (uint64_t i = 0; i < producers.producers; ++i) TM_CHECK(decode_producer(to, i));
    producers.iids_added = TM_TRY(to.in.length());
    producers.iids_duplicates = TM_TRY(to.in.length());
    TM_CHECK(to.sink().stream_producers_end(producers));
    return to.all_must_be_new("producer or idempotence ID");
}

}  // namespace tidemark::rdb
