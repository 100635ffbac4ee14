#include "aof/usual_time.h"

#include <doctest/doctest.h>

using tidemark::aof::UsualTime;

TEST_CASE("aof/usual_time: the first time is the usual one, and nothing is off yet") {
    UsualTime time;
    CHECK(time.us() == 0);
    time.add(130);
    CHECK(time.us() == 130);
    CHECK(time.deviation_us() == 0);
}

TEST_CASE("aof/usual_time: it follows what happens, and tells how far off that is") {
    UsualTime time;
    for (int i = 0; i < 200; ++i) time.add(i % 2 == 0 ? 100 : 180);
    CHECK(time.us() >= 100);
    CHECK(time.us() <= 180);
    CHECK(time.deviation_us() >= 20);
    CHECK(time.deviation_us() <= 60);
    for (int i = 0; i < 200; ++i) time.add(1'000);
    // In whole numbers an eighth of less than 8 is nothing.
    CHECK(time.us() >= 992);
    CHECK(time.deviation_us() <= 15);
}

TEST_CASE("aof/usual_time: one that took ten times as long says little about the next") {
    UsualTime time;
    for (int i = 0; i < 200; ++i) time.add(i % 2 == 0 ? 1'100 : 1'180);
    const int64_t usual_us = time.us();
    const int64_t deviation_us = time.deviation_us();
    time.add(12'000);
    CHECK(time.us() <= usual_us + deviation_us);
    CHECK(time.deviation_us() <= deviation_us * 3 / 2);
    // Several in a row do.
    for (int i = 0; i < 40; ++i) time.add(12'000);
    CHECK(time.us() >= 11'000);
}
