// One case a row of the tables in aof/recovery.cc, and what lies around them.
#include "aof/recovery.h"

#include <doctest/doctest.h>

#include "tests/aof/log_rig.h"

using namespace tidemark;
using namespace tidemark::testing;

namespace {

const std::string kFirst = increment_path(1);
constexpr std::string_view kForeignSet =
    "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nf\r\n$1\r\n1\r\n";

// A folder with keys a, b, c in three groups, stopped cleanly or killed.
enum class End { kStopped, kKilled };
void write_three(SimDisk& disk, ManualClock& clock, End end) {
    LogRig rig(disk, clock);
    REQUIRE(rig.log != nullptr);
    for (const char* key : {"a", "b", "c"}) {
        rig.append(0, {"SET", key, std::string(100, 'v')});
        rig.settle();
    }
    if (end == End::kStopped) REQUIRE(rig.log->close().has_value());
    disk.kill();
}

bool has_path(const SimDisk& disk, std::string_view part) {
    for (const std::string& path : disk.paths()) {
        if (path.find(part) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("aof/recovery: a missing folder is created, and found again") {
    SimDisk disk;
    ManualClock clock;
    {
        LogRig rig(disk, clock);
        REQUIRE(rig.log != nullptr);
    }
    CHECK(*disk.contents(kManifestPath) ==
          "file appendonly.aof.1.base.aof seq 1 type b\n"
          "file appendonly.aof.1.incr.aof seq 1 type i seals 1\n");
    LogRig rig(disk, clock);
    CHECK(rig.log != nullptr);
}

TEST_CASE("aof/recovery: a killed server's window is cut, and nothing is kept aside") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kKilled);
    const size_t before = disk.contents(kFirst)->size();
    LogRig rig(disk, clock);
    REQUIRE(rig.log != nullptr);
    CHECK(rig.keyspace.keys() == 3);
    CHECK(disk.contents(kFirst)->size() < before);
    CHECK_FALSE(has_path(disk, ".tail-"));
}

TEST_CASE("aof/recovery: a torn last group is cut off and kept aside") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kKilled);
    std::string& file = *disk.contents(kFirst);
    file[file.find("\r\nc\r\n") + 2] = 'X';
    LogRig rig(disk, clock);
    REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
    CHECK(rig.keyspace.keys() == 2);
    CHECK(rig.report.cut_bytes > 100);
    CHECK(has_path(disk, ".tail-"));
}

TEST_CASE("aof/recovery: the same damage under a later seal's word is refused") {
    SimDisk disk;
    ManualClock clock;
    for (const End end : {End::kKilled, End::kStopped}) {
        SimDisk fresh;
        write_three(fresh, clock, end);
        std::string& file = *fresh.contents(kFirst);
        // Killed: the third seal vouches for the first group. Stopped: the last one for all three.
        const char* victim = end == End::kKilled ? "\r\na\r\n" : "\r\nc\r\n";
        const size_t at = file.find(victim);
        REQUIRE(at != std::string::npos);
        file[at + 2] = 'X';
        const std::string before = file;
        LogRig rig(fresh, clock);
        CHECK(rig.log == nullptr);
        CHECK(rig.refusal.code == ErrorCode::kCorrupt);
        CHECK(rig.refusal.offset < at);
        CHECK(rig.refusal.what.find(kFirst) != std::string::npos);
        CHECK(rig.refusal.what.find("aof-check fix ") != std::string::npos);
        CHECK(*fresh.contents(kFirst) == before);
    }
}

TEST_CASE("aof/recovery: a whole seal behind the damage is no torn tail, wherever it stands") {
    ManualClock clock;
    for (const End end : {End::kKilled, End::kStopped}) {
        SimDisk disk;
        write_three(disk, clock, end);
        std::string& file = *disk.contents(kFirst);
        file.insert(file.find("\r\na\r\n") + 2, "#x\r\n");
        const std::string before = file;
        LogRig rig(disk, clock);
        CHECK(rig.log == nullptr);
        CHECK(rig.refusal.what.find("put in or taken out") != std::string::npos);
        CHECK(*disk.contents(kFirst) == before);
    }
}

TEST_CASE("aof/recovery: NUL bytes and garbage behind the last seal are a torn tail") {
    ManualClock clock;
    for (const std::string& junk : {std::string(700, '\0'), std::string("!!!*3\r\n"),
                                    std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n")}) {
        SimDisk disk;
        write_three(disk, clock, End::kStopped);
        *disk.contents(kFirst) += junk;
        LogRig rig(disk, clock);
        REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
        CHECK(rig.keyspace.keys() == 3);
        CHECK(rig.report.cut_bytes == junk.size());
    }
}

TEST_CASE("aof/recovery: what a stock server appended counts, and ours goes on in a new file") {
    ManualClock clock;
    for (const End end : {End::kKilled, End::kStopped}) {
        SimDisk disk;
        write_three(disk, clock, end);
        *disk.contents(kFirst) += kForeignSet;
        {
            LogRig rig(disk, clock);
            REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
            CHECK(rig.keyspace.keys() == 4);
            rig.append(0, {"SET", "later", "1"});
            rig.settle();
            CHECK(rig.log->manifest().increments.size() == 2);
        }
        disk.kill();
        LogRig rig(disk, clock);
        REQUIRE(rig.log != nullptr);
        CHECK(rig.keyspace.keys() == 5);
        CHECK(rig.log->manifest().increments.size() == 2);
    }
}

TEST_CASE("aof/recovery: a stock server's torn record is cut, its open transaction at the MULTI") {
    ManualClock clock;
    const std::string foreign(kForeignSet);
    for (const std::string& tail :
         {foreign + "*3\r\n$3\r\nSE",
          foreign + "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nx\r\n"}) {
        SimDisk disk;
        write_three(disk, clock, End::kStopped);
        const size_t keep = disk.contents(kFirst)->size() + foreign.size();
        *disk.contents(kFirst) += tail;
        LogRig rig(disk, clock);
        REQUIRE_MESSAGE(rig.log != nullptr, rig.refusal.what);
        CHECK(rig.keyspace.keys() == 4);
        CHECK(disk.contents(kFirst)->size() == keep);
    }
}

TEST_CASE(
    "aof/recovery: a transaction without end that holds no such command is not cut but refused") {
    ManualClock clock;
    SimDisk disk;
    write_three(disk, clock, End::kStopped);
    // Its EXEC was damaged: what looks like its rest are acknowledged writes.
    const std::string lost =
        "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nx\r\n*1\r\n$4\r\nEXAC\r\n";
    *disk.contents(kFirst) += std::string(kForeignSet) + lost + std::string(kForeignSet);
    const std::string before = *disk.contents(kFirst);
    LogRig rig(disk, clock);
    CHECK(rig.log == nullptr);
    CHECK(rig.refusal.what.find("in a transaction that does not end") != std::string::npos);
    CHECK(*disk.contents(kFirst) == before);
}

TEST_CASE("aof/recovery: log files without their manifest are refused, not started over") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kStopped);
    REQUIRE(disk.remove(kManifestPath).has_value());
    LogRig rig(disk, clock);
    CHECK(rig.log == nullptr);
    CHECK(rig.refusal.what.find("aof-check rebuild-manifest ./appendonlydir") != std::string::npos);
    CHECK(has_path(disk, "appendonly.aof.1.incr.aof"));
}

TEST_CASE("aof/recovery: an increment that the manifest names but nobody has is refused") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kStopped);
    REQUIRE(disk.remove(kFirst).has_value());
    LogRig rig(disk, clock);
    CHECK(rig.log == nullptr);
    CHECK(rig.refusal.what.find("is not there") != std::string::npos);
}

TEST_CASE("aof/recovery: orphans with data are parked, without data removed, strangers left") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kStopped);
    const auto put = [&](const std::string& name, std::string_view bytes) {
        auto file = disk.open("./appendonlydir/" + name, io::OpenMode::kTruncate);
        REQUIRE((*file)->write_at(bytes, 0).has_value());
    };
    put("appendonly.aof.9.incr.aof", "data");
    put("appendonly.aof.8.incr.aof", "");
    put("temp-rewriteaof-7.aof", "data");
    put("temp-appendonly.aof.manifest", "data");
    put("notes.txt", "mine");
    LogRig rig(disk, clock);
    REQUIRE(rig.log != nullptr);
    CHECK(has_path(disk, "lost+found/appendonly.aof.9.incr.aof"));
    CHECK(has_path(disk, "lost+found/temp-rewriteaof-7.aof"));
    CHECK_FALSE(has_path(disk, "appendonly.aof.8.incr.aof"));
    CHECK_FALSE(has_path(disk, "temp-appendonly.aof.manifest"));
    CHECK(has_path(disk, "appendonlydir/notes.txt"));
}

TEST_CASE("aof/recovery: aof-load-truncated no refuses a torn tail") {
    SimDisk disk;
    ManualClock clock;
    write_three(disk, clock, End::kStopped);
    *disk.contents(kFirst) += std::string(50, '\0');
    Logger logger(clock);
    logger.set_level(LogLevel::kNothing);
    MapKeyspace keyspace;
    aof::RecoveryReport report;
    aof::RecoveryOptions options;
    options.load_truncated = false;
    CHECK_FALSE(aof::recover(disk, logger, options, keyspace, report).has_value());
    CHECK_FALSE(has_path(disk, ".tail-"));
}
