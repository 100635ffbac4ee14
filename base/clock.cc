#include "base/clock.h"

#include <ctime>

namespace tidemark {

namespace {

int64_t read_us(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

int64_t SystemClock::unix_us() {
    return read_us(CLOCK_REALTIME);
}
int64_t SystemClock::monotonic_us() {
    return read_us(CLOCK_MONOTONIC);
}
int64_t SystemClock::cpu_us() {
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace tidemark
