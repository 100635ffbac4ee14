#include "io/busy_poll.h"

#include <doctest/doctest.h>

using tidemark::io::BusyPoll;

TEST_CASE("io/busy_poll: waits that are short make the look longer, up to its limit") {
    BusyPoll poll(100);
    CHECK(poll.us() == 0);
    for (const int64_t expected : {10, 20, 40, 80, 100, 100}) {
        poll.on_wait(100);
        CHECK(poll.us() == expected);
    }
}

TEST_CASE("io/busy_poll: it grows no further than what was waited for") {
    BusyPoll poll(100);
    for (int i = 0; i < 10; ++i) poll.on_wait(30);
    CHECK(poll.us() == 40);
}

TEST_CASE("io/busy_poll: where nothing comes for long, looking ends") {
    BusyPoll poll(100);
    for (int i = 0; i < 10; ++i) poll.on_wait(100);
    for (int i = 0; i < 7; ++i) poll.on_wait(1'000);
    CHECK(poll.us() == 0);
}

TEST_CASE("io/busy_poll: a limit of 0 is never, also when it is set later") {
    BusyPoll never(0);
    never.on_wait(0);
    never.on_wait(5);
    CHECK(never.us() == 0);
    BusyPoll poll(100);
    for (int i = 0; i < 10; ++i) poll.on_wait(100);
    poll.set_max(0);
    CHECK(poll.us() == 0);
    poll.on_wait(5);
    CHECK(poll.us() == 0);
}

TEST_CASE("io/busy_poll: what is due soon is looked for, until a little after its time") {
    const BusyPoll poll(100);
    CHECK(poll.look_us(60, 10) == 90);
    CHECK(poll.look_us(130, 10) == 160);
    // However far off it may be, not longer than the limit past its time.
    CHECK(poll.look_us(60, 5'000) == 160);
    // Late: a little longer, then not at all.
    CHECK(poll.look_us(-20, 10) == 10);
    CHECK(poll.look_us(-30, 10) == 0);
    CHECK(poll.look_us(-500, 10) == 0);
}

TEST_CASE("io/busy_poll: what is due later is slept for") {
    const BusyPoll poll(100);
    CHECK(poll.look_us(131, 10) == 0);
    CHECK(poll.look_us(1'000, 10) == 0);
    const BusyPoll never(0);
    CHECK(never.look_us(0, 10) == 0);
    CHECK(never.look_us(60, 10) == 0);
}
