// What a load consists of, and what came of it. A plan has lanes; a lane is a group of connections
// that do the same thing, so "50 clients SET while 10 others GET at a fixed rate" is two lanes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/histogram.h"

namespace tidemark::bench {

struct Endpoint {
    std::string host = "127.0.0.1";
    uint16_t port = 0;
    std::string unix_path;   // when set, host and port are not used
    std::string congestion;  // TCP_CONGESTION of the client's sockets; empty: the machine's default
};

enum class Verb : uint8_t { kGet, kSet, kIncr, kPing };

// Sequential: every number of the range once, then from the start, shared by the lane's
// connections. Random: uniform. Own: each connection has one key, the range's first plus its place
// in the lane.
enum class KeyOrder : uint8_t { kRandom, kSequential, kOwn };

// Whether the time of every acknowledgement is kept (8 bytes each), for who asks which were lost.
enum class Acks : uint8_t { kCount, kKeepTimes };

struct KeyRange {
    uint64_t first = 0;
    uint64_t count = 1'000'000;
};

struct Lane {
    Verb verb = Verb::kSet;
    // This share (0..1) of the requests are GETs of read_keys instead, on the same connections.
    // Reads of settled keys: give read_keys a range that `keys` does not touch.
    double read_share = 0;
    int connections = 50;
    // Closed loop: so many requests are sent at once, the next ones when all are answered.
    // Fixed rate: at most so many are outstanding on a connection.
    int pipeline = 1;
    // Requests a second of the whole lane; 0 is a closed loop. Each connection has its own even
    // schedule, the connections are staggered, and a latency counts from the scheduled time: a
    // server that stalls is charged for every request that should have been sent meanwhile. All
    // that is due within the run is sent and answered, if it has to be after its end.
    double rate = 0;
    uint64_t requests = 0;  // stop after so many; 0: until the time is over
    KeyRange keys;
    KeyRange read_keys;
    KeyOrder order = KeyOrder::kRandom;
    Acks acks = Acks::kCount;
    uint32_t value_bytes = 64;
    uint32_t expire_s = 0;  // SET key value EX expire_s; 0: without
};

struct LoadPlan {
    Endpoint endpoint;
    std::vector<Lane> lanes;
    uint64_t seed = 1;
};

struct LaneResult {
    uint64_t scheduled = 0;  // fixed rate: requests due within the run; equals sent then
    uint64_t sent = 0;
    uint64_t replies = 0;  // equals sent once a run has ended well
    uint64_t errors = 0;   // replies that begin with `-`
    uint64_t misses = 0;   // null replies
    std::string first_error;
    Histogram reads;   // GETs and PINGs, nanoseconds
    Histogram writes;  // SETs and INCRs
};

struct LoadResult {
    double seconds = 0;  // first request to last reply
    double client_cpu_us = 0;
    std::vector<LaneResult> lanes;

    double rate(size_t lane) const {
        return seconds > 0 ? static_cast<double>(lanes[lane].replies) / seconds : 0;
    }
};

}  // namespace tidemark::bench
