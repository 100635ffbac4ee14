// A stream. Its nodes are listpacks in every version and are written as they came; what stands
// behind them grew with the versions:
//
//   nodes | (16 bytes: first ID | listpack) ... | entries | last ID
//   [19+: first ID | largest deleted ID | entries ever added]
//   groups | (name | last ID | [19+: entries read]
//             pending | (16 bytes: ID | delivered at | deliveries) ...
//             consumers | (name | seen at | [21+: active at] | owned | 16 bytes: ID ...) ...) ...
//   [26: duration | most entries | producers | (name | iids | (iid | ms | seq) ...) ...
//        iids added | iids seen twice]
//
// What the first form has no place for, servers derive when they load it: where that gives the
// same, it goes without a word, and so does when a consumer was last active. Otherwise it is a
// loss, as producers are.
#pragma once

#include "rdb/codec/record_out.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

class StreamEncoder {
public:
    StreamEncoder(RecordOut& out, Losses& losses) : out_(out), losses_(losses) {}

    // Whether the version has streams.
    bool fits() const;
    // `type`: of the stream that is being read; decides whether there are producers.
    Status begin(uint64_t nodes, uint8_t type);
    Status node(StreamId first, std::string_view listpack);
    Status state(const StreamState& state);
    Status group(const StreamGroup& group);
    Status pending(const StreamPending& pending);
    Status consumers(uint64_t count);
    Status consumer(const StreamConsumer& consumer);
    Status owned(StreamId id);
    Status producers(const StreamProducers& producers);
    Status producer(std::string_view name, uint64_t iids);
    Status iid(std::string_view name, StreamId id);
    Status producers_end(const StreamProducers& producers);

private:
    Status lose_state();
    Status id(StreamId id);  // as two lengths
    void raw_id(StreamId id);

    RecordOut& out_;
    Losses& losses_;
    uint8_t type_ = 0;
    StreamState state_;
    bool has_lost_state_ = false;
};

}  // namespace tidemark::rdb
