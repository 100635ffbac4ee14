// Log folders that redis-server and others wrote, whole and damaged, each with the verdict that we
// owe it: `aof-cases/cases.tsv` of the fixtures, column "expected by us".
//
// There is no reader of RDB bases in this room. They all hold the one key `base1`; the target below
// adds it and finds the end of a preamble by its EOF opcode.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/aof/log_rig.h"

using namespace tidemark;
using namespace tidemark::testing;
namespace fs = std::filesystem;

namespace {

class WithBases final : public aof::ReplayTarget {
public:
    MapKeyspace keyspace;

    Status apply(std::span<const std::span<const std::string_view>> commands,
                 size_t* failed) override {
        return keyspace.apply(commands, failed);
    }
    Status load_rdb(io::File& file, uint64_t* end_offset) override {
        std::string bytes(TM_TRY(file.size()), '\0');
        TM_TRY(file.read_at(bytes.data(), bytes.size(), 0));
        const size_t eof = bytes.find("v1\xff");
        if (eof == std::string::npos) return fail(ErrorCode::kCorrupt, "not one of these bases");
        keyspace.dbs[0]["base1"] = "v1";
        *end_offset = eof + 3 + 8;  // its checksum
        return {};
    }
    Status on_progress(uint64_t, uint64_t) override { return {}; }
};

fs::path fixtures() {
    const char* given = std::getenv("TIDEMARK_FIXTURES");
    return given != nullptr ? fs::path(given)
                            : fs::path(TIDEMARK_SOURCE_ROOT "/../shared/fixtures");
}

std::string read_whole(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A case's folder on a simulated disk; returns the log's appendfilename.
std::string put_case(const fs::path& folder, SimDisk& disk) {
    std::string appendfilename = "appendonly.aof";
    static_cast<void>(disk.make_folder("."));
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string path = "./" + fs::relative(entry.path(), folder).string();
        if (entry.is_directory()) {
            static_cast<void>(disk.make_folder(path));
            continue;
        }
        auto file = disk.open(path, io::OpenMode::kTruncate);
        static_cast<void>((*file)->write_at(read_whole(entry.path()), 0));
        const std::string name = entry.path().filename().string();
        const size_t suffix = name.rfind(".manifest");
        if (suffix != std::string::npos && name.substr(0, 5) != "temp-") {
            appendfilename = name.substr(0, suffix);
        }
    }
    return appendfilename;
}

struct Outcome {
    bool loaded = false;
    size_t keys = 0;
    std::string refusal;
};

Outcome load(SimDisk& disk, const std::string& appendfilename) {
    ManualClock clock;
    Logger logger(clock);
    logger.set_level(LogLevel::kNothing);
    aof::RecoveryOptions options;
    options.names.appendfilename = appendfilename;
    WithBases target;
    aof::RecoveryReport report;
    const auto folder = aof::recover(disk, logger, options, target, report);
    if (!folder) return {false, 0, folder.error().what};
    return {true, target.keyspace.keys(), {}};
}

}  // namespace

TEST_CASE("aof/fixtures: every case loads or is refused as its table says, also a second time") {
    const fs::path cases = fixtures() / "aof-cases";
    std::ifstream table(cases / "cases.tsv");
    if (!table) {
        MESSAGE("skipped: no fixtures in " << cases.string());
        return;
    }
    std::string line;
    std::getline(table, line);  // its head
    size_t count = 0;
    while (std::getline(table, line)) {
        const size_t tab = line.find('\t');
        const std::string name = line.substr(0, tab);
        const std::string expected = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
        CAPTURE(name);
        SimDisk disk;
        const std::string appendfilename = put_case(cases / name, disk);
        const Outcome first = load(disk, appendfilename);
        CAPTURE(first.refusal);
        if (expected == "refuse") {
            CHECK_FALSE(first.loaded);
        } else {
            REQUIRE(first.loaded);
            CHECK(first.keys == std::stoul(expected));
            const Outcome second = load(disk, appendfilename);
            CAPTURE(second.refusal);
            CHECK(second.keys == first.keys);
        }
        ++count;
    }
    CHECK(count > 30);
}

TEST_CASE("aof/fixtures: a refusal names the file and the command that helps") {
    const fs::path folder = fixtures() / "aof-cases" / "garbage-mid";
    if (!fs::exists(folder)) {
        MESSAGE("skipped: no " << folder.string());
        return;
    }
    SimDisk disk;
    const Outcome outcome = load(disk, put_case(folder, disk));
    CHECK(outcome.refusal.find("appendonly.aof.1.incr.aof") != std::string::npos);
    CHECK(outcome.refusal.find("offset 52") != std::string::npos);
    CHECK(outcome.refusal.find("aof-check fix") != std::string::npos);
}
