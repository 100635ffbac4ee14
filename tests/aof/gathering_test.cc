#include "aof/gathering.h"

#include <doctest/doctest.h>

using tidemark::aof::Gathering;

namespace {

// Clients in a closed loop: `count` records, and a sync of 100 us over them.
struct Rig {
    Gathering gathering;
    int64_t now_us = 1'000;
    int64_t cpu_us = 0;

    void append(int count) {
        for (int i = 0; i < count; ++i) gathering.on_append();
    }
    void start() { gathering.on_sync_start(now_us, cpu_us); }
    void finish(int64_t took_us = 100) {
        now_us += took_us;
        gathering.on_sync_done(now_us);
    }
    int64_t patience_us() const { return gathering.until_us() - now_us; }
    // A sync of two records, and nobody comes back in time.
    void wait_in_vain() {
        append(2);
        start();
        append(2);
        finish();
        now_us = gathering.until_us();
    }
};

}  // namespace

TEST_CASE("aof/gathering: a lone client's next write does not wait") {
    Rig rig;
    for (int i = 0; i < 3; ++i) {
        rig.append(1);
        CHECK_FALSE(rig.gathering.waits(rig.now_us));
        rig.start();
        rig.finish();
    }
}

TEST_CASE("aof/gathering: it waits for seven eighths of those that are under way") {
    Rig rig;
    rig.append(25);
    rig.start();
    rig.append(25);
    rig.finish();
    CHECK(rig.gathering.expected() == 50);
    rig.append(18);
    CHECK(rig.gathering.waits(rig.now_us));
    rig.append(1);
    CHECK_FALSE(rig.gathering.waits(rig.now_us));
}

TEST_CASE("aof/gathering: two clients are waited for both") {
    Rig rig;
    rig.append(1);
    rig.start();
    rig.append(1);
    rig.finish();
    CHECK(rig.gathering.waits(rig.now_us - 1));
    rig.append(1);
    CHECK_FALSE(rig.gathering.waits(rig.now_us));
}

TEST_CASE("aof/gathering: it waits no longer than a sync takes, nor than its limit") {
    Rig rig;
    rig.append(25);
    rig.start();
    rig.append(25);
    SUBCASE("a fast disk") {
        rig.finish(100);
        CHECK(rig.patience_us() == 100);
    }
    SUBCASE("a slow disk") {
        rig.finish(10'000);
        CHECK(rig.patience_us() == Gathering::kWaitUsMax);
    }
    CHECK(rig.gathering.waits(rig.gathering.until_us() - 1));
    CHECK_FALSE(rig.gathering.waits(rig.gathering.until_us()));
}

TEST_CASE("aof/gathering: waits in vain become short, and long again when they are worth it") {
    Rig rig;
    for (int i = 0; i < 10; ++i) rig.wait_in_vain();
    rig.start();
    rig.finish();
    CHECK(rig.patience_us() <= 100 / 8);
    for (int i = 0; i < 10; ++i) {
        rig.append(4);
        rig.start();
        rig.finish();
    }
    CHECK(rig.patience_us() == 100);
}

TEST_CASE("aof/gathering: after many short waits a whole one is tried") {
    Rig rig;
    int whole = 0;
    for (int i = 0; i < 200; ++i) {
        rig.append(2);
        rig.start();
        rig.append(2);
        rig.finish();
        if (i >= 10 && rig.patience_us() == 100) ++whole;
        rig.now_us = rig.gathering.until_us();
    }
    CHECK(whole >= 2);
    CHECK(whole <= 4);
}

TEST_CASE("aof/gathering: a loop that is busy all the time does not wait") {
    Rig rig;
    const auto cycle = [&](int64_t worked_us) {
        rig.append(4);
        rig.start();
        rig.append(4);
        rig.finish();
        rig.cpu_us += worked_us;
    };
    for (int i = 0; i < 50; ++i) cycle(99);
    CHECK(rig.gathering.until_us() == 0);
    CHECK_FALSE(rig.gathering.waits(rig.now_us));
    for (int i = 0; i < 50; ++i) cycle(80);
    CHECK(rig.gathering.waits(rig.now_us));
}

TEST_CASE("aof/gathering: a loop that only looks for something to do is not busy") {
    Rig rig;
    for (int i = 0; i < 50; ++i) {
        rig.append(4);
        rig.start();
        rig.append(4);
        rig.finish();
        rig.gathering.on_polled(60);
        rig.cpu_us += 99;
    }
    CHECK(rig.gathering.waits(rig.now_us));
}

TEST_CASE("aof/gathering: no time is named while a sync runs") {
    Rig rig;
    CHECK(rig.gathering.until_us() == 0);
    rig.append(1);
    rig.start();
    CHECK(rig.gathering.until_us() == 0);
}
