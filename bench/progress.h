// How far a long run is, on a terminal: one line on standard error that is written over. Elsewhere
// nothing is said.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::bench {

class Progress {
public:
    // So many seconds of steps are planned.
    explicit Progress(double seconds_planned);
    ~Progress();  // clears the line

    void plan_more(double seconds) { planned_s_ += seconds; }
    // The step `what` begins; the one before it is done.
    void step(const std::string& what, double seconds);
    // By what the steps so far took against what they had planned.
    double seconds_left() const;

private:
    double planned_s_;
    double done_s_ = 0;
    double current_s_ = 0;
    uint64_t started_ns_;
    bool shown_;
};

}  // namespace tidemark::bench
