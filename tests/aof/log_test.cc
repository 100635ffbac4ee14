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
    REQUIRE(disk.step(rig.random));
    CHECK(rig.log->durable_offset() >= second);
}
