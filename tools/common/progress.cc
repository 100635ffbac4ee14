#include "tools/common/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "tools/common/print.h"
#include "tools/common/text.h"

namespace tidemark::tools {

namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kFirstAfterNs = kNsPerSecond / 2;  // what is done by then needs none
constexpr uint64_t kEveryNs = kNsPerSecond / 5;

uint64_t now_ns() {
    return static_cast<uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

bool is_on(FILE* to, ShowProgress show) {
    if (show != ShowProgress::kOnTerminal) return show == ShowProgress::kAlways;
    return isatty(fileno(to)) == 1;
}

std::string format_seconds(double seconds) {
    const auto whole = static_cast<uint64_t>(seconds + 0.5);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

Progress::Progress(FILE* to, ShowProgress show, std::string label, uint64_t total)
    : to_(to), label_(std::move(label)), total_(total), is_on_(is_on(to, show)) {
    if (!is_on_) return;
    started_ns_ = now_ns();
    next_ns_ = started_ns_ + (show == ShowProgress::kAlways ? 0 : kFirstAfterNs);
}

Progress::~Progress() {
    if (is_shown_) print(to_, "\r\x1b[K");
}

void Progress::update(uint64_t done) {
    if (!is_on_) return;
    const uint64_t now = now_ns();
    if (now < next_ns_) return;
    next_ns_ = now + kEveryNs;
    show(done, static_cast<double>(now - started_ns_) / kNsPerSecond);
}

void Progress::show(uint64_t done, double seconds) {
    is_shown_ = true;
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    std::string text = fmt::format("{}: {}", label_, format_bytes(done));
    if (total_ > 0) {
        text += fmt::format(" of {} ({:.0f} %)", format_bytes(total_),
                            100.0 * static_cast<double>(done) / static_cast<double>(total_));
    }
    text += fmt::format(", {}/s", format_bytes(static_cast<uint64_t>(rate)));
    if (total_ > done && rate > 0) {
        text += fmt::format(", {} left", format_seconds(static_cast<double>(total_ - done) / rate));
    }
    print(to_, "\r{}\x1b[K", text);
    fflush(to_);
}

}  // namespace tidemark::tools
