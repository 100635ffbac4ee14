#include "bench/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "bench/load_connection.h"

namespace tidemark::bench {

namespace {

constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

Progress::Progress(double seconds_planned)
    : planned_s_(seconds_planned), started_ns_(now_ns()), shown_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (shown_) fmt::print(stderr, "{}", kClearLine);
}

void Progress::step(const std::string& what, double seconds) {
    done_s_ += current_s_;
    current_s_ = seconds;
    if (!shown_) return;
    const auto left = static_cast<int>(seconds_left() + 0.5);
    const double share = planned_s_ > 0 ? std::min(1.0, done_s_ / planned_s_) : 0;
    fmt::print(stderr, "{}{:3.0f} %, about {}:{:02} left: {}", kClearLine, 100 * share, left / 60,
               left % 60, what);
    std::fflush(stderr);
}

double Progress::seconds_left() const {
    const double elapsed = static_cast<double>(now_ns() - started_ns_) / 1e9;
    const double pace = done_s_ > 0 ? elapsed / done_s_ : 1;
    return std::max(0.0, planned_s_ - done_s_) * pace;
}

}  // namespace tidemark::bench
