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
    CHECK(poll.plan(60, 10).look_us == 90);
    CHECK(poll.plan(130, 10).look_us == 160);
    // However far off it may be, not longer than the limit past its time.
    CHECK(poll.plan(60, 90).look_us == 160);
    // Late: a little longer, then not at all.
    CHECK(poll.plan(-20, 10).look_us == 10);
    for (const int64_t due_us : {-30, -500}) {
        CHECK(poll.plan(due_us, 10).look_us == 0);
        CHECK(poll.plan(due_us, 10).sleep_us == 0);
    }
}

TEST_CASE("io/busy_poll: what is due later is slept for until it is due soon") {
    const BusyPoll poll(100);
    CHECK(poll.plan(200, 10).sleep_us == 0);
    CHECK(poll.plan(1'000, 10).sleep_us == 850);
    CHECK(poll.plan(1'000, 10).look_us == 0);
}

TEST_CASE("io/busy_poll: what may come at any time is not looked for") {
    const BusyPoll poll(100);
    for (const int64_t due_us : {60, 1'000}) {
        CHECK(poll.plan(due_us, 101).look_us == 0);
        CHECK(poll.plan(due_us, 101).sleep_us == 0);
    }
    // Nor anything where looking is off.
    const BusyPoll never(0);
    CHECK(never.plan(0, 0).look_us == 0);
    CHECK(never.plan(0, 10).look_us == 0);
    CHECK(never.plan(1'000, 10).sleep_us == 0);
}
