// What a benchmark found: the plain data that the report's writers (terminal, JSON, page) share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/histogram.h"
#include "bench/server_process.h"

namespace tidemark::bench {

enum class Bound : uint8_t { kAtLeast, kAtMost };

struct Target {
    Bound bound;
    double value;
};

// One line of a table of promises.
struct Figure {
    int row = 0;
    std::string what;
    std::string ours;    // as text, with unit
    std::string theirs;  // may be empty
    double value = 0;    // what the target is about: mostly a ratio
    std::string unit;    // of value: "x", "B", ...
    std::optional<Target> target;

    bool reached() const;
};

// What a server's log did during its rounds; unset where the server does not tell.
struct LogUse {
    uint64_t writes = 0;                    // acknowledged
    std::optional<uint64_t> written_bytes;  // to the disk, pages as they were dirtied
    std::optional<uint64_t> groups;
    std::optional<uint64_t> group_bytes;
    std::optional<uint64_t> syncs;

    std::optional<double> writes_per_group() const;
    std::optional<double> groups_per_sync() const;
};

// All rounds of one server under one load.
struct Series {
    std::string server;
    std::vector<double> ops_per_s;
    std::vector<double> reads_per_s;
    std::vector<double> server_us;  // CPU an operation
    std::vector<double> client_us;
    std::vector<double> p99_us;  // of the first lane's latencies, a round each
    Histogram latency;           // of the first lane
    Histogram reads;             // of all lanes
    Histogram writes;
    LogUse log;
    std::string failure;  // empty: all rounds ran

    double ops() const;
    double cpu() const;
    // With two digits; empty of a server that was running already.
    std::string cpu_text() const;
    // Highest less lowest rate, in percent of the median.
    double spread_percent() const;
};

// Whether a share of reads comes on the connections of the writers or on others.
enum class Readers : uint8_t { kSame, kSeparate };

// One point of the matrix.
struct Cell {
    std::string disk;  // "this disk", "1 ms a sync"
    Persistence policy = Persistence::kAlways;
    int clients = 50;
    int pipeline = 1;
    uint32_t value_bytes = 64;
    int reads_percent = 0;
    Readers readers = Readers::kSame;
    double rate = 0;  // 0: closed loop

    // "50 clients, pipeline 16, 1,024 B, 50 % reads": what is not of the ordinary is said.
    std::string text() const;
    bool operator==(const Cell&) const = default;
};

struct CellRun {
    Cell cell;
    Series series;
};

enum class DiskUse : uint8_t { kAppend, kOverwrite, kDirect, kFlush };

// What the bare disk does, one commit after the other.
struct DiskFigure {
    std::string disk;
    DiskUse use = DiskUse::kAppend;
    Histogram latency;
    double per_s = 0;
    std::string failure;  // why it could not be measured
};

enum class Cut : uint8_t { kPower, kKill };

// What one server lost under one policy.
struct LossRow {
    std::string server;
    Persistence policy = Persistence::kAlways;
    Cut cut = Cut::kKill;
    int cuts = 0;
    int cuts_with_loss = 0;
    int not_recovered = 0;  // the server did not start on what was left
    uint64_t acknowledged = 0;
    uint64_t lost = 0;
    uint64_t lost_max = 0;  // in one cut
    double lost_ms_max = 0;
    double lost_ms_median = 0;  // of the cuts that lost something
    // Cuts that took what was acknowledged before the last sync began; nothing: the server does not
    // say when that was, or was only killed.
    std::optional<int> cuts_beyond_sync;
    std::string failure;
};

double median(std::vector<double> values);
// Median of the rounds' ratios: a minute in which the machine was slow hits both of a pair.
double median_ratio(const std::vector<double>& above, const std::vector<double>& below);
// "123.4k", "1.23M".
std::string short_number(double value);
// "184 us", "1.25 ms".
std::string duration_text(double ns);

const char* policy_text(Persistence policy);
const char* disk_use_text(DiskUse use);
const char* cut_text(Cut cut);

// Key and value of one write.
uint64_t payload_bytes(const Cell& cell);

}  // namespace tidemark::bench
