// The command line of bench/compare.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "bench/stage.h"

namespace tidemark::bench {

inline constexpr int kFirstRow = 1;
inline constexpr int kLastRow = 8;

struct Options : StageOptions {
    std::string ours;  // path of tidemark-server
    std::string peer;  // path of redis-server
    std::vector<std::string> ours_arguments;
    std::vector<std::string> peer_arguments;
    std::set<int> rows;
    std::string json;

    // The sizes of the table; --quick makes them small.
    bool quick = false;
    uint64_t keys = 1'000'000;
    uint32_t value_bytes = 64;
    int clients = 50;
    std::vector<uint64_t> memory_keys = {1'000'000, 2'000'000, 5'000'000};
    int idle_clients = 10'000;
    uint64_t growth_keys = 8'000'000;
    uint64_t restart_sets = 5'000'000;
};

// Either options, or the exit status after it printed help or what is wrong with the line.
std::variant<Options, int> parse_options(int argc, char** argv);

}  // namespace tidemark::bench
