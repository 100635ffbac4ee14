// What the server counts while it runs: commands, errors, connections, bytes, rates. Shown by INFO,
// reset by CONFIG RESETSTAT. Runs on the loop's thread.
//
// The time of a command is the distance between two readings of the processor's tick counter: its
// end, and the end of the command before it in the same batch (or begin_batch). One reading a
// command, and the sum over a batch is exact.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/command_table.h"
#include "cmd/dispatch.h"
#include "server/histogram.h"
#include "server/ticks.h"

namespace tidemark::server {

struct CommandStats {
    uint64_t calls = 0;
    uint64_t ticks = 0;
    uint64_t rejected = 0;  // refused before it ran
    uint64_t failed = 0;    // ran and answered with an error
    std::unique_ptr<Histogram> latency_ns;
};

// A rate over the last samples, as Redis's instantaneous_* fields.
class Rate {
public:
    void sample(uint64_t total, int64_t monotonic_us);
    double per_second() const;
    void restart(uint64_t total) { last_total_ = total; }

private:
    static constexpr size_t kSamples = 16;
    std::array<double, kSamples> samples_{};
    size_t next_ = 0;
    uint64_t last_total_ = 0;
    int64_t last_us_ = 0;
};

class Stats final : public cmd::DispatchObserver {
public:
    // `table` must outlive it.
    Stats(const cmd::CommandTable& table, int64_t monotonic_us);

    // Before the first command of a batch.
    void begin_batch() { last_ticks_ = read_ticks(); }
    void on_call(const cmd::CommandSpec& spec, uint32_t errors) override {
        uint64_t now = read_ticks();
        uint64_t spent = now - last_ticks_;
        last_ticks_ = now;
        CommandStats& stats = commands_[spec.index];
        ++stats.calls;
        stats.ticks += spent;
        if (errors != 0) ++stats.failed;
        if (tracking_) note_latency(stats, rate_.ns(spent));
    }
    void on_rejected(const cmd::CommandSpec& spec) override { ++commands_[spec.index].rejected; }
    void on_error(std::string_view code) override;

    void on_connection() { ++connections_received_; }
    void on_connection_refused() { ++rejected_connections_; }
    // Totals since the process started.
    void set_net_bytes(uint64_t input, uint64_t output) {
        net_input_total_ = input;
        net_output_total_ = output;
    }
    void set_latency_tracking(bool on) { tracking_ = on; }
    // Ten times a second.
    void sample(int64_t monotonic_us);
    void reset();

    // --- for INFO
    const CommandStats& command(const cmd::CommandSpec& spec) const {
        return commands_[spec.index];
    }
    const cmd::CommandTable& table() const { return table_; }
    uint64_t command_us(const cmd::CommandSpec& spec) const {
        return rate_.ns(commands_[spec.index].ticks) / 1000;
    }
    const std::map<std::string, uint64_t, std::less<>>& errors() const { return errors_; }
    uint64_t total_calls() const;
    uint64_t total_errors() const { return total_errors_; }
    uint64_t connections_received() const { return connections_received_; }
    uint64_t rejected_connections() const { return rejected_connections_; }
    uint64_t net_input_bytes() const { return net_input_total_ - net_input_base_; }
    uint64_t net_output_bytes() const { return net_output_total_ - net_output_base_; }
    double ops_per_second() const { return ops_rate_.per_second(); }
    double input_kbps() const { return input_rate_.per_second() / 1024; }
    double output_kbps() const { return output_rate_.per_second() / 1024; }

private:
    static void note_latency(CommandStats& stats, uint64_t ns) {
        if (stats.latency_ns == nullptr) stats.latency_ns = std::make_unique<Histogram>();
        stats.latency_ns->add(ns);
    }

    const cmd::CommandTable& table_;
    std::vector<CommandStats> commands_;
    uint64_t last_ticks_ = 0;
    bool tracking_ = true;
    TickRate rate_;
    std::map<std::string, uint64_t, std::less<>> errors_;
    uint64_t total_errors_ = 0;
    uint64_t connections_received_ = 0;
    uint64_t rejected_connections_ = 0;
    uint64_t net_input_total_ = 0;
    uint64_t net_output_total_ = 0;
    uint64_t net_input_base_ = 0;
    uint64_t net_output_base_ = 0;
    Rate ops_rate_;
    Rate input_rate_;
    Rate output_rate_;
};

}  // namespace tidemark::server
