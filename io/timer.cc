#include "io/timer.h"

#include <cerrno>

#include "base/assert.h"

namespace tidemark::io {

Timer::Timer(Ring& ring, Clock& clock, Listener& listener)
    : ring_(ring), clock_(clock), listener_(listener), timeout_(std::make_unique<Operation>()) {
    timeout_->bind<Timer, &Timer::on_timeout>(this);
}

Timer::~Timer() {
    ring_.bury(std::move(timeout_));
}

void Timer::start(int64_t period_us) {
    TM_ASSERT(period_us > 0);
    period_us_ = period_us;
    due_us_ = clock_.monotonic_us();
    arm(due_us_);
}

void Timer::arm(int64_t now_us) {
    due_us_ += period_us_;
    if (due_us_ <= now_us) due_us_ = now_us + period_us_;
    ring_.timeout_at(due_us_, *timeout_);
}

void Timer::on_timeout(Completion completion) {
    // Armed before the listener runs: it may free this timer.
    arm(clock_.monotonic_us());
    if (completion.result == -ETIME) listener_.on_tick();
}

}  // namespace tidemark::io
