// The 24 bits of an entry that say how it has been used, in Redis's two ways: the second of the
// last access (LRU), or minutes and a logarithmic counter (LFU).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/random.h"
#include "engine/entry.h"

namespace tidemark::engine {

enum class AccessPolicy : uint8_t { kLru, kLfu };

class AccessClock {
public:
    explicit AccessClock(uint64_t seed) : random_(seed) {}

    void set_now(int64_t unix_ms) {
        const auto seconds = static_cast<uint64_t>(unix_ms) / 1000;
        now_seconds_ = static_cast<uint32_t>(seconds & kSecondsMask);
        now_minutes_ = static_cast<uint32_t>(seconds / 60 & 0xffff);
    }
    // Entries keep the bits that the old policy gave them, as in Redis.
    void set_policy(AccessPolicy policy) { policy_ = policy; }
    AccessPolicy policy() const { return policy_; }
    void set_lfu(uint32_t log_factor, uint32_t decay_minutes) {
        log_factor_ = log_factor;
        decay_minutes_ = decay_minutes;
    }

    void start(const Entry& entry) const {
        entry.set_access(policy_ == AccessPolicy::kLru ? now_seconds_
                                                       : now_minutes_ << 8 | kNewCounter);
    }
    // A new value under an old name: LFU goes on counting.
    void restart(const Entry& entry) const {
        if (policy_ == AccessPolicy::kLru) start(entry);
    }
    // What a dump says about the key. Under the other policy it means nothing.
    void restore_idle(const Entry& entry, uint64_t seconds) const {
        if (policy_ != AccessPolicy::kLru) return;
        const auto idle = static_cast<uint32_t>(std::min<uint64_t>(seconds, kSecondsMask));
        entry.set_access((now_seconds_ - idle) & kSecondsMask);
    }
    void restore_frequency(const Entry& entry, uint8_t counter) const {
        if (policy_ == AccessPolicy::kLfu) entry.set_access(now_minutes_ << 8 | counter);
    }
    void touch(const Entry& entry) {
        if (policy_ == AccessPolicy::kLru) {
            // Only written when it changes: most reads leave the line clean.
            if (entry.access() != now_seconds_) entry.set_access(now_seconds_);
        } else {
            count(entry);
        }
    }

    // Seconds since the last access; means something under LRU.
    int64_t idle_seconds(const Entry& entry) const {
        return (now_seconds_ - entry.access()) & kSecondsMask;
    }
    // The counter, decayed to now; means something under LFU.
    uint32_t frequency(const Entry& entry) const;

private:
    static constexpr uint32_t kSecondsMask = 0xffffff;
    static constexpr uint32_t kNewCounter = 5;  // so that a new key is not the first to go

    void count(const Entry& entry);

    Random random_;
    AccessPolicy policy_ = AccessPolicy::kLru;
    uint32_t now_seconds_ = 0;
    uint32_t now_minutes_ = 0;
    uint32_t log_factor_ = 10;
    uint32_t decay_minutes_ = 1;
};

}  // namespace tidemark::engine
