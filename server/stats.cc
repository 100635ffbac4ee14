#include "server/stats.h"

#include <numeric>

namespace tidemark::server {

namespace {

// Codes are words of our own replies; the bound keeps a mistake from filling memory.
constexpr size_t kMaxErrorCodes = 128;

}  // namespace

void Rate::sample(uint64_t total, int64_t monotonic_us) {
    int64_t elapsed_us = monotonic_us - last_us_;
    if (elapsed_us <= 0) return;
    // The first sample has nothing to be compared with.
    if (last_us_ != 0) {
        samples_[next_] =
            static_cast<double>(total - last_total_) * 1e6 / static_cast<double>(elapsed_us);
        next_ = (next_ + 1) % kSamples;
    }
    last_total_ = total;
    last_us_ = monotonic_us;
}

double Rate::per_second() const {
    return std::accumulate(samples_.begin(), samples_.end(), 0.0) / kSamples;
}

Stats::Stats(const cmd::CommandTable& table, int64_t monotonic_us)
    : table_(table), commands_(table.size()) {
    rate_.start(read_ticks(), monotonic_us);
    begin_batch();
}

void Stats::on_error(std::string_view code) {
    ++total_errors_;
    auto found = errors_.find(code);
    if (found != errors_.end()) {
        ++found->second;
    } else if (errors_.size() < kMaxErrorCodes) {
        errors_.emplace(code, 1);
    }
}

uint64_t Stats::total_calls() const {
    uint64_t total = 0;
    for (const CommandStats& stats : commands_) total += stats.calls;
    return total;
}

void Stats::sample(int64_t monotonic_us) {
    rate_.measure(read_ticks(), monotonic_us);
    ops_rate_.sample(total_calls(), monotonic_us);
    input_rate_.sample(net_input_bytes(), monotonic_us);
    output_rate_.sample(net_output_bytes(), monotonic_us);
}

void Stats::reset() {
    for (CommandStats& stats : commands_) stats = CommandStats();
    errors_.clear();
    total_errors_ = 0;
    connections_received_ = 0;
    rejected_connections_ = 0;
    net_input_base_ = net_input_total_;
    net_output_base_ = net_output_total_;
    ops_rate_.restart(0);
    input_rate_.restart(0);
    output_rate_.restart(0);
}

}  // namespace tidemark::server
