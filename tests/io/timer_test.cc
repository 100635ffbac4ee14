#include "io/timer.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

#include "io/signals.h"

using namespace tidemark;
using io::Ring;

namespace {

struct Ticks final : io::Timer::Listener {
    void on_tick() override { ++count; }
    int count = 0;
};

struct Stops final : io::Signals::Listener {
    void on_stop_signal(int number) override { numbers.push_back(number); }
    std::vector<int> numbers;
};

}  // namespace

TEST_CASE("io/timer: it ticks once a period") {
    auto ring = Ring::create({});
    REQUIRE(ring.has_value());
    SystemClock clock;
    Ticks ticks;
    io::Timer timer(**ring, clock, ticks);
    const int64_t start_us = clock.monotonic_us();
    timer.start(2'000);
    while (ticks.count < 10) (*ring)->turn(Ring::Wait::kForCompletion);
    CHECK(clock.monotonic_us() - start_us >= 20'000);
}

TEST_CASE("io/timer: ticks that the loop missed are dropped") {
    auto ring = Ring::create({});
    REQUIRE(ring.has_value());
    SystemClock clock;
    Ticks ticks;
    io::Timer timer(**ring, clock, ticks);
    timer.start(1'000);
    (*ring)->turn(Ring::Wait::kNo);
    ::usleep(30'000);
    for (int i = 0; i < 3; ++i) (*ring)->turn(Ring::Wait::kNo);
    CHECK(ticks.count >= 1);
    CHECK(ticks.count <= 3);
}

TEST_CASE("io/timer: it may be freed at any moment") {
    auto ring = Ring::create({});
    REQUIRE(ring.has_value());
    SystemClock clock;
    Ticks ticks;
    {
        io::Timer timer(**ring, clock, ticks);
        timer.start(1'000);
        (*ring)->turn(Ring::Wait::kNo);
    }
    { io::Timer never_started(**ring, clock, ticks); }
    ::usleep(3'000);
    for (int i = 0; i < 3; ++i) (*ring)->turn(Ring::Wait::kNo);
    CHECK(ticks.count == 0);
}

TEST_CASE("io/signals: SIGTERM and SIGINT come to the loop, SIGHUP and SIGPIPE do nothing") {
    auto ring = Ring::create({});
    REQUIRE(ring.has_value());
    Stops stops;
    auto signals = io::Signals::create(**ring, stops);
    REQUIRE(signals.has_value());
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGPIPE);
    ::raise(SIGTERM);
    while (stops.numbers.empty()) (*ring)->turn(Ring::Wait::kForCompletion);
    ::raise(SIGINT);
    while (stops.numbers.size() < 2) (*ring)->turn(Ring::Wait::kForCompletion);
    CHECK(stops.numbers == std::vector<int>{SIGTERM, SIGINT});
}
