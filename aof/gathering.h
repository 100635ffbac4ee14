// When the group that follows a sync is closed, under `appendfsync always`.
//
// A sync lets the clients that waited for it go, and each of them will most likely be back with its
// next write before long. Closing the next group at once leaves those writes to the sync after it:
// the clients fall into two halves that take turns, and every sync carries half of what it could.
// So the group stays open a little, until it holds nearly as many records as are on their way, or
// for as long as a sync usually takes.
//
//      sync ends        replies leave, clients come back           sync begins
//   ------|------------------------------------------------------------|------
//         released: 25     waiting: 25 ........................... 44 of 50
//
// It never waits where nobody is expected: a lone client's write is synced at once. Where clients
// do not come back in time (a steady stream of arrivals, long pauses between requests) each wait
// that was in vain halves the next one, and one that was worth it doubles it again; when waits have
// been short for long, a whole one is tried.
//
// Counts and times only; on the loop's thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "aof/usual_time.h"

namespace tidemark::aof {

class Gathering {
public:
    // On a slow disk the clients are back long before a sync would be over.
    static constexpr int64_t kWaitUsMax = 1'000;

    void on_append() { ++appended_; }
    // A sync begins that covers everything appended so far.
    // `cpu_us`: what the loop's thread has computed up to now.
    void on_sync_start(int64_t now_us, int64_t cpu_us) {
        if (until_us_ != 0) learn();
        until_us_ = 0;
        synced_ = appended_;
        const int64_t passed_us = std::max<int64_t>(now_us - sync_started_us_, 1);
        const int64_t worked_us = std::clamp<int64_t>(cpu_us - cpu_us_ - polled_us_, 0, passed_us);
        polled_us_ = 0;
        busy_permille_ += (worked_us * 1'000 / passed_us - busy_permille_) / kSmoothing;
        sync_started_us_ = now_us;
        cpu_us_ = cpu_us;
    }
    void on_sync_done(int64_t now_us) {
        usual_.add(now_us - sync_started_us_);
        const uint64_t released = synced_ - released_;
        released_ = synced_;
        const uint64_t waiting = appended_ - synced_;
        expected_ = released + waiting;
        wanted_ = synced_ + (expected_ * kShare + kWhole - 1) / kWhole;
        if (busy_permille_ > kBusyPermille) return;
        until_us_ = now_us + std::min(kWaitUsMax, usual_.us() * patience_ / kWhole);
    }
    // So much of the thread's computing was looking for something to do.
    void on_polled(int64_t us) { polled_us_ += us; }
    // True: the open group, which holds at least one record, should wait for more.
    bool waits(int64_t now_us) const { return appended_ < wanted_ && now_us < until_us_; }
    // Records that are on their way, by the newest sync that is done.
    uint64_t expected() const { return expected_; }
    // Until when, at most; 0: nothing is waited for.
    int64_t until_us() const { return until_us_; }

private:
    static constexpr int64_t kWhole = 8;
    // Seven eighths of those expected, and all of a few: the last stragglers would cost more than
    // they bring.
    static constexpr int64_t kShare = 7;
    // Measured with 100 to 500 clients: waiting gains up to here and loses beyond.
    static constexpr int64_t kBusyPermille = 900;
    // Clients that have fallen into halves are not back within a short wait, although they would be
    // within a long one: after so many short ones a long one is tried.
    static constexpr int kShortWaitsMax = 64;
    // The share moves over some eight syncs.
    static constexpr int64_t kSmoothing = 8;

    void learn() {
        const bool came = appended_ >= wanted_;
        patience_ = came ? std::min(patience_ * 2, kWhole) : std::max<int64_t>(patience_ / 2, 1);
        if (patience_ > 1 || ++short_waits_ < kShortWaitsMax) return;
        short_waits_ = 0;
        patience_ = kWhole;
    }

    uint64_t appended_ = 0;  // records, since the start
    uint64_t synced_ = 0;    // covered by the newest sync, done or not
    uint64_t released_ = 0;  // covered by the newest that is done
    uint64_t wanted_ = 0;    // value of appended_ that is worth a sync
    uint64_t expected_ = 0;
    int64_t until_us_ = 0;
    int64_t sync_started_us_ = 0;
    int64_t cpu_us_ = 0;     // when the newest sync began
    int64_t polled_us_ = 0;  // since then
    int64_t busy_permille_ = 0;
    UsualTime usual_;  // of a sync
    int short_waits_ = 0;
    int64_t patience_ = kWhole;  // eighths of a usual sync
};

}  // namespace tidemark::aof
