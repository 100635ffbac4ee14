// The command line of fsync-bench.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bench/findings.h"
#include "bench/stage.h"

namespace tidemark::bench {

// kAuto: power cuts where this can be done (root, loop devices), kill -9 elsewhere.
enum class LossMode : uint8_t { kAuto, kCut, kKill, kOff };

// Axes: one axis moves at a time, the others stay at their first value. Cross: all combinations.
enum class Spread : uint8_t { kAxes, kCross };

struct FsyncOptions : StageOptions {
    std::string ours;
    std::vector<std::string> peers;
    bool alone = false;  // without peers
    std::vector<std::string> ours_arguments;
    std::vector<std::string> peer_arguments;

    // A running server instead of those above.
    std::optional<Endpoint> running;
    bool overwrite = false;  // ... although it holds keys

    std::vector<Persistence> policies;
    std::vector<int> clients;  // the first is where the other axes are measured
    std::vector<int> pipelines;
    std::vector<uint32_t> values;
    std::vector<int> reads;  // percent
    std::vector<Readers> readers;
    // Requests a second of an open loop. kRateAuto: half of what the slowest server gave in a
    // closed loop. 0: closed loops only.
    static constexpr double kRateAuto = -1;
    double rate = kRateAuto;
    bool rate_only = false;  // a given rate holds for every cell
    Spread spread = Spread::kAxes;

    LossMode loss = LossMode::kAuto;
    int cuts = 6;
    // Microseconds; unset: 1 ms where that can be done.
    std::optional<std::vector<uint64_t>> delays_us;

    bool goals = false;
    bool quick = false;
    uint16_t listen_port = 0;  // of the servers; 0: free ones
    uint64_t keys = 20'000;    // that are read, and as many that are written
    double probe_seconds = 0.4;
    std::string json;
    std::string page;
};

// Either options, or the exit status after it printed help or what is wrong with the line.
std::variant<FsyncOptions, int> parse_fsync_options(int argc, char** argv);

// "1ms" as microseconds, also us and s; nothing when it is no such time (at most 10 s).
std::optional<uint64_t> parse_delay_us(const std::string& text);

// "1 ms a sync".
std::string delay_text(uint64_t delay_us);

inline constexpr const char* kThisDisk = "this disk";

}  // namespace tidemark::bench
