// What the comparison found: figures against their targets, and the runs behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/histogram.h"

namespace tidemark::bench {

enum class Bound : uint8_t { kAtLeast, kAtMost };

struct Target {
    Bound bound;
    double value;
};

// One line of the table.
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

// All rounds of one server under one load.
struct Series {
    std::string server;
    std::vector<double> ops_per_s;
    std::vector<double> server_us;  // CPU an operation
    std::vector<double> client_us;
    Histogram latency;

    double ops() const;
    double cpu() const;
};

double median(std::vector<double> values);
// "123.4k", "1.23M".
std::string short_number(double value);

class Report {
public:
    void add(Figure figure) { figures_.push_back(std::move(figure)); }
    void add(int row, std::string what, const Series& series);
    void failed(int row, const std::string& why);
    void note(std::string text) { notes_.push_back(std::move(text)); }

    bool any_failed() const { return any_failed_; }
    // The runs, then the notes, then the table.
    void print() const;
    Status write_json(const std::string& path, const std::string& machine) const;

private:
    struct Run {
        int row;
        std::string what;
        Series series;
    };
    void print_runs() const;
    void print_figures() const;

    std::vector<Figure> figures_;
    std::vector<Run> runs_;
    std::vector<std::string> notes_;
    bool any_failed_ = false;
};

}  // namespace tidemark::bench
