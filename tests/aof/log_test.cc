#include "aof/log.h"

#include <doctest/doctest.h>

#include "tests/aof/log_rig.h"

using namespace tidemark;
using namespace tidemark::testing;

TEST_CASE("aof/log: what was synced is there after a restart") {
    SimDisk disk;
    ManualClock clock;
    {
        LogRig rig(disk, clock);
        REQUIRE(rig.log != nullptr);
        const uint64_t offset = rig.append(0, {"SET", "a", "1"});
        CHECK(rig.log->released_offset() < offset);
        rig.settle();
        CHECK(rig.log->released_offset() >= offset);
        CHECK(rig.released == 1);
    }
    Random random(7);
    disk.crash(random);
    LogRig rig(disk, clock);
    REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
    CHECK(rig.keyspace.dbs[0]["a"] == "1");
}

TEST_CASE("aof/log: a group that fills while a sync runs is released by the next one") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    const uint64_t first = rig.append(0, {"SET", "a", "1"});
    rig.log->end_of_turn();
    const uint64_t second = rig.append(0, {"SET", "b", "1"});
    rig.log->end_of_turn();
    REQUIRE(disk.step(rig.random));
    CHECK(rig.log->durable_offset() >= first);
    CHECK(rig.log->durable_offset() < second);
    rig.log->end_of_turn();
    REQUIRE(disk.step(rig.random));
    CHECK(rig.log->durable_offset() >= second);
}

TEST_CASE("aof/log: what several turns append while a sync runs is one group and one write") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    rig.append(0, {"SET", "a", "1"});
    rig.log->end_of_turn();
    const uint64_t groups = rig.log->stats().groups;
    const uint64_t ios = disk.io_count();
    for (int turn = 0; turn < 5; ++turn) {
        rig.append(0, {"SET", "b", "1"});
        rig.log->end_of_turn();
    }
    CHECK(disk.io_count() == ios);
    REQUIRE(disk.step(rig.random));
    rig.log->end_of_turn();
    CHECK(rig.log->stats().groups == groups + 1);
    rig.settle();
    CHECK(rig.log->durable_offset() == rig.log->appended_offset());
}

TEST_CASE("aof/log: a group waits for the clients that a sync has let go, and names the time") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    const auto write = [&](int count) {
        for (int i = 0; i < count; ++i) rig.append(0, {"INCR", "n"});
        rig.log->end_of_turn();
    };
    write(8);
    write(8);  // these come while the sync runs
    clock.advance_us(200);
    REQUIRE(disk.step(rig.random));
    rig.log->end_of_turn();
    CHECK(disk.in_flight() == 0);
    CHECK(rig.log->wake_at_us() == clock.monotonic_us() + 200);
    SUBCASE("most of them come back: no longer than that") {
        write(6);
    }
    SUBCASE("they do not: no longer than a sync takes") {
        clock.advance_us(200);
        rig.log->end_of_turn();
    }
    CHECK(disk.in_flight() == 1);
    CHECK(rig.log->wake_at_us() == 0);
}

TEST_CASE("aof/log: nothing waits under a policy that lets replies leave before the sync") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    rig.append(0, {"SET", "a", "1"});
    rig.log->end_of_turn();
    rig.append(0, {"SET", "b", "1"});
    rig.log->end_of_turn();
    REQUIRE(disk.contents(increment_path(1))->find("$1\r\nb") == std::string::npos);
    rig.log->set_policy(aof::FsyncPolicy::kEverySecond);
    rig.log->end_of_turn();
    CHECK(disk.contents(increment_path(1))->find("$1\r\nb") != std::string::npos);
}

TEST_CASE("aof/log: a full disk refuses writes with Redis's text and goes on when there is room") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    rig.append(0, {"SET", "a", "1"});
    rig.settle();
    disk.set_fault(SimDisk::Fault::kNoSpace, disk.io_count());
    rig.append(0, {"SET", "b", std::string(9000, 'v')});
    rig.settle();
    CHECK_FALSE(rig.log->writable());
    CHECK(rig.log->misconf_text() ==
          "MISCONF Errors writing to the AOF file: No space left on device");
    CHECK(rig.log->durable_offset() < rig.log->appended_offset());
    disk.clear_fault();
    const uint64_t ios = disk.io_count();
    rig.log->end_of_turn();
    CHECK(disk.io_count() == ios);
    clock.advance_us(100'000);
    rig.log->tick();
    rig.settle();
    CHECK(rig.log->writable());
    CHECK(rig.writable_changes == 2);
    CHECK(rig.log->durable_offset() == rig.log->appended_offset());
    CHECK(rig.log->stats().increments_opened == 0);
}

TEST_CASE("aof/log: where the window is durable a group is, once it is written") {
    SimDisk disk;
    ManualClock clock;
    {
        LogRig rig(disk, clock);
        rig.append(0, {"SET", "a", "1"});
        rig.settle();
        const uint64_t ios = disk.io_count();
        const uint64_t offset = rig.append(0, {"SET", "b", "2"});
        rig.log->end_of_turn();
        CHECK(disk.io_count() == ios + 1);
        CHECK(rig.log->durable_offset() < offset);
        REQUIRE(disk.step(rig.random));
        CHECK(rig.log->durable_offset() == offset);
        CHECK(rig.log->stats().direct_writes == 1);
    }
    Random random(7);
    disk.crash(random);
    LogRig rig(disk, clock);
    REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
    CHECK(rig.keyspace.dbs[0]["a"] == "1");
    CHECK(rig.keyspace.dbs[0]["b"] == "2");
}

TEST_CASE("aof/log: when a direct write should be done follows from those before") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    rig.append(0, {"SET", "a", "1"});
    rig.settle();
    CHECK(rig.log->direct_due().at_us == 0);
    for (int i = 0; i < 3; ++i) {
        rig.append(0, {"INCR", "n"});
        rig.log->end_of_turn();
        const int64_t started_us = clock.monotonic_us();
        const aof::Log::Due due = rig.log->direct_due();
        CHECK(due.at_us == started_us + (i == 0 ? 0 : 150));
        CHECK(due.deviation_us == 0);
        clock.advance_us(150);
        rig.settle();
        CHECK(rig.log->direct_due().at_us == 0);
    }
}

TEST_CASE("aof/log: a file system without direct writes gets writes and syncs") {
    SimDisk disk;
    ManualClock clock;
    SUBCASE("it opens no file for them") {
        disk.set_direct(SimDisk::Direct::kNotOpened);
    }
    SUBCASE("it takes none") {
        disk.set_direct(SimDisk::Direct::kNotTaken);
    }
    LogRig rig(disk, clock);
    for (int i = 0; i < 5; ++i) {
        rig.append(0, {"INCR", "n"});
        rig.settle();
        CHECK(rig.log->durable_offset() == rig.log->appended_offset());
    }
    CHECK(rig.log->stats().direct_writes == 0);
    CHECK(rig.log->stats().failed_files == 0);
    Random random(7);
    disk.crash(random);
    LogRig again(disk, clock);
    REQUIRE_MESSAGE(again.log != nullptr, again.refusal.what);
    CHECK(again.keyspace.dbs[0]["n"] == "5");
}

TEST_CASE("aof/log: after a failed sync nothing is released before it is in a new increment") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    uint64_t ios_before_sync = 0;
    SUBCASE("of a direct write") {}
    SUBCASE("behind a write") {
        options.direct_writes = false;
        ios_before_sync = 1;
    }
    {
        LogRig rig(disk, clock, options);
        rig.append(3, {"SET", "a", "1"});
        rig.settle();
        const uint64_t before = rig.log->durable_offset();
        disk.set_fault(SimDisk::Fault::kIoError, disk.io_count() + ios_before_sync);
        rig.append(3, {"SET", "b", "2"});
        rig.log->end_of_turn();
        REQUIRE(disk.step(rig.random));
        CHECK(rig.log->durable_offset() == before);
        rig.settle();
        CHECK(rig.log->durable_offset() == rig.log->appended_offset());
        CHECK(rig.log->manifest().increments.size() == 2);
        CHECK(rig.log->manifest().increments[0].find(aof::kDurableBytesKey).has_value());
    }
    Random random(3);
    disk.crash(random);
    LogRig rig(disk, clock);
    REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
    CHECK(rig.keyspace.dbs[3]["a"] == "1");
    CHECK(rig.keyspace.dbs[3]["b"] == "2");
}

TEST_CASE("aof/log: everysec holds no reply and syncs once a second") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    options.policy = aof::FsyncPolicy::kEverySecond;
    LogRig rig(disk, clock, options);
    rig.settle();
    for (int i = 0; i < 30; ++i) {
        const uint64_t offset = rig.append(0, {"INCR", "n"});
        rig.log->end_of_turn();
        CHECK(rig.log->released_offset() >= offset);
        clock.advance_us(100'000);
        rig.log->tick();
        disk.step(rig.random);
    }
    CHECK(rig.log->stats().syncs >= 3);
    CHECK(rig.log->stats().syncs <= 4);
}

TEST_CASE("aof/log: where no reply waits for a sync, fill goes ahead when much is written") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    options.folio_bytes = 8 * 1024;
    SUBCASE("everysec") {
        options.policy = aof::FsyncPolicy::kEverySecond;
    }
    SUBCASE("no") {
        options.policy = aof::FsyncPolicy::kNo;
    }
    SUBCASE("but not where it is switched off") {
        options.policy = aof::FsyncPolicy::kEverySecond;
        options.prefill = false;
    }
    constexpr uint64_t kKeys = 50;
    const std::string value(1'000, 'v');
    {
        LogRig rig(disk, clock, options);
        rig.settle();
        const uint64_t durable = rig.log->durable_offset();
        for (uint64_t i = 0; i < kKeys; ++i) {
            rig.append(0, {"SET", fmt::format("k{}", i), value});
            rig.log->end_of_turn();
            const uint64_t end = rig.log->appended_offset();
            const uint64_t size = disk.contents(increment_path(1))->size();
            if (options.prefill && end - durable >= options.folio_bytes) {
                CHECK(size > end);
                CHECK(size % options.folio_bytes == 0);
            } else {
                CHECK(size == end);
            }
        }
    }
    {
        LogRig rig(disk, clock, options);
        REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
        CHECK(rig.keyspace.dbs[0].size() == kKeys);
        CHECK(rig.report.cut_bytes == 0);
        rig.append(0, {"SET", "last", value});
        REQUIRE(rig.log->close().has_value());
    }
    CHECK(disk.contents(increment_path(1))->find("##") == std::string::npos);
}

TEST_CASE("aof/log: a disk that is too full for fill takes the groups without it") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    options.policy = aof::FsyncPolicy::kEverySecond;
    options.folio_bytes = 1024;
    LogRig rig(disk, clock, options);
    rig.settle();
    rig.append(0, {"SET", "a", std::string(990, 'v')});
    disk.set_fault(SimDisk::Fault::kNoSpace, disk.io_count() + 1);
    rig.log->end_of_turn();
    CHECK_FALSE(disk.fault_place().empty());
    CHECK(rig.log->writable());
    CHECK(disk.contents(increment_path(1))->size() == rig.log->appended_offset());
    disk.clear_fault();
    rig.append(0, {"SET", "b", std::string(990, 'v')});
    rig.log->end_of_turn();
    CHECK(disk.contents(increment_path(1))->size() == rig.log->appended_offset());
}

TEST_CASE("aof/log: it knows when the newest sync that has succeeded began") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    SUBCASE("of a direct write") {}
    SUBCASE("of a sync") {
        options.direct_writes = false;
    }
    LogRig rig(disk, clock, options);
    rig.append(0, {"INCR", "n"});
    rig.settle();
    clock.advance_us(5'000);
    const int64_t began_us = clock.monotonic_us();
    rig.append(0, {"INCR", "n"});
    rig.log->end_of_turn();
    clock.advance_us(300);
    CHECK(rig.log->stats().synced_at_us < began_us);
    REQUIRE(disk.step(rig.random));
    CHECK(rig.log->stats().synced_at_us == began_us);
}

TEST_CASE("aof/log: everysec does not wait for its second with megabytes to sync") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    options.policy = aof::FsyncPolicy::kEverySecond;
    LogRig rig(disk, clock, options);
    rig.append(0, {"SET", "k", "v"});
    rig.settle();
    const uint64_t syncs = rig.log->stats().syncs;
    const std::string value(512 * 1024, 'v');
    for (int i = 0; i < 4; ++i) {
        rig.append(0, {"SET", "k", value});
        rig.log->end_of_turn();
        CHECK(disk.in_flight() == (i < 3 ? 0 : 1));
    }
    rig.settle();
    CHECK(rig.log->stats().syncs == syncs + 1);
    CHECK(rig.log->durable_offset() == rig.log->appended_offset());
}

TEST_CASE("aof/log: past the limit of unwritten bytes it says so, until they are durable") {
    SimDisk disk;
    ManualClock clock;
    aof::Log::Options options = LogRig::small_options();
    options.max_unwritten_bytes = 10'000;
    LogRig rig(disk, clock, options);
    for (int i = 0; i < 3; ++i) {
        rig.append(0, {"SET", "k", std::string(5000, 'v')});
        rig.log->end_of_turn();
    }
    CHECK(rig.log->over_limit());
    rig.settle();
    CHECK_FALSE(rig.log->over_limit());
}

TEST_CASE("aof/log: an empty transaction leaves no trace") {
    SimDisk disk;
    ManualClock clock;
    LogRig rig(disk, clock);
    const uint64_t before = rig.log->appended_offset();
    rig.log->begin_transaction();
    rig.log->end_transaction();
    rig.settle();
    CHECK(rig.log->appended_offset() == before);
    CHECK(disk.contents(increment_path(1))->find("multi") == std::string::npos);
}
