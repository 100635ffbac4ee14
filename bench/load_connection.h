// One client connection of a lane: sends requests, counts replies, keeps the times.
// Non-blocking; the LoadGenerator's epoll tells it when to read and write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "bench/load_plan.h"
#include "bench/reply_counter.h"
#include "bench/request_writer.h"

namespace tidemark::bench {

// What the connections of a lane share.
struct LaneState {
    LaneState(const Lane& what, uint64_t seed);

    Lane lane;
    RequestWriter read_writer;
    RequestWriter writer;
    Random random;
    uint64_t next_key = 0;  // of KeyOrder::kSequential
    LaneResult result;

    bool requests_left() const { return lane.requests == 0 || result.sent < lane.requests; }
    bool next_is_read();
    uint64_t next_key_of(const KeyRange& range, int connection);
};

class LoadConnection {
public:
    // `index` is the place in the lane, which staggers the fixed-rate schedules.
    LoadConnection(LaneState& lane, int index);
    ~LoadConnection();
    LoadConnection(const LoadConnection&) = delete;
    LoadConnection& operator=(const LoadConnection&) = delete;

    Status connect(const Endpoint& endpoint);
    int fd() const { return fd_; }
    bool wants_write() const { return out_at_ < out_.size(); }
    uint64_t outstanding() const { return sent_ - replied_; }
    bool has_room() const { return outstanding() < is_read_.size(); }

    // Begins a run: the schedule of a fixed rate starts at start_ns, and what is due before end_ns
    // belongs to it.
    void start(uint64_t start_ns, uint64_t end_ns);
    // Fixed rate: requests of the run that were not sent yet.
    uint64_t unsent() const {
        return scheduled_ == kEndless || !lane_.requests_left() ? 0 : scheduled_ - sent_;
    }
    bool schedule_done() const { return sent_ >= scheduled_; }
    // Closed loop: fills the pipeline when it is empty. Fixed rate: sends what is due by now.
    Status send_due(uint64_t now_ns);
    // When the next request is due; fixed rate only.
    uint64_t next_due_ns() const { return due_ns(sent_); }
    // The times of all replies so far that were no errors, with Acks::kKeepTimes.
    const std::vector<uint64_t>& acks() const { return acks_; }
    // Reads what is there, records latencies up to now.
    Status on_readable();
    Status flush();

private:
    Status send_requests(uint64_t count, uint64_t now_ns);
    void record(const ReplyCounter::Counts& counts, uint64_t now_ns);
    uint64_t due_ns(uint64_t request) const;
    Status set_options(const Endpoint& endpoint);

    LaneState& lane_;
    const int index_;
    int fd_ = -1;
    ReplyCounter counter_;
    std::vector<char> out_;
    size_t out_at_ = 0;

    uint64_t sent_ = 0;  // since start()
    uint64_t replied_ = 0;
    static constexpr uint64_t kEndless = UINT64_MAX;
    uint64_t scheduled_ = kEndless;  // requests of a fixed rate that are due within the run
    std::vector<uint64_t> acks_;
    uint64_t start_ns_ = 0;
    uint64_t batch_ns_ = 0;         // closed loop: when the batch in flight was sent
    std::vector<uint8_t> is_read_;  // per request in flight, at request % pipeline
};

uint64_t now_ns();

}  // namespace tidemark::bench
