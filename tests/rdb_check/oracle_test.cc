// The verdict held against redis-server 7.0.15: what is called clean it loads, what is called
// damaged it refuses, skips or dies of.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/crc64.h"
#include "base/random.h"
#include "tests/rdb_check/dumps.h"
#include "tests/rdb_check/fixture_verdicts.h"
#include "tests/rdb_check/run.h"
#include "tests/support/server_process.h"

namespace tidemark::rdb_check {
namespace {

namespace fs = std::filesystem;
using rdb::FindingCode;
using support::read_text_file;
using tools::Outcome;

// Errors of ours on which that server loads all the same, and why they stay errors.
struct Exception {
    FindingCode code;
    std::string_view why;
    std::string_view what = {};  // only findings that say so
};
constexpr auto kExceptions = std::to_array<Exception>({
    {FindingCode::kSealMismatch, "it knows no seals"},
    {FindingCode::kBadLength, "it takes a string's encoding for a length, by its low six bits"},
    {FindingCode::kStreamInconsistent, "what a stream says of its groups it believes"},
    {FindingCode::kBadExpiry, "it does not look at them"},
    {FindingCode::kBadOrder, "it sorts by itself where order is not used for searching"},
    {FindingCode::kDuplicateKey, "a key whose expiry is over is not put into the keyspace"},
    {FindingCode::kUnknownOpcode, "behind a flipped EOF it never looks"},
    {FindingCode::kBadString, "0, how unpacking fails, is the length that it expected",
     "compressed bytes cannot stand for 0 "},
    {FindingCode::kBadScore, "in a packed set a word is taken for the score 0"},
    {FindingCode::kBadEncoding, "zeros over records are keys without a name in two dbs"},
});

bool is_argued(const Checked& checked) {
    return std::any_of(checked.findings.begin(), checked.findings.end(), [](const auto& finding) {
        return std::any_of(kExceptions.begin(), kExceptions.end(), [&](const Exception& one) {
            return one.code == finding.code && finding.what.find(one.what) != std::string::npos;
        });
    });
}

std::string describe_findings(const Checked& checked) {
    std::string text;
    for (const rdb::Finding& finding : checked.findings) {
        text += fmt::format("{} at {}: {}; ", rdb::row_of(finding.code).name, finding.begin,
                            finding.what);
    }
    return text;
}

// Damage that says so: the same on both sides.
void check_agrees(tools::RedisOracle& redis, std::string_view dump, const std::string& name) {
    const Checked checked = check(dump);
    // It has not the modules, and says so.
    if (checked.summary.counts.module_values > 0) return;
    const tools::Answer answer = redis.load(dump);
    CAPTURE(name);
    CAPTURE(describe_findings(checked));
    // Newer servers load such a type or opcode whatever version the file says: a warning.
    if (checked.has(FindingCode::kTypeNewerThanVersion)) return;
    if (!checked.has_errors()) {
        CHECK_MESSAGE(answer.outcome == Outcome::kLoads, answer.log);
    } else if (!is_argued(checked)) {
        CHECK(answer.outcome != Outcome::kLoads);
    }
}

std::string summed(std::string dump) {
    dump.resize(dump.size() - 8);
    uint64_t crc = crc64(dump);
    for (int i = 0; i < 8; ++i, crc >>= 8) dump += static_cast<char>(crc & 255);
    return dump;
}

// Not in the head, whose version decides everything, nor in EOF and checksum.
std::string mutated(std::string dump, Random& random) {
    const size_t size = dump.size() - rdb::kHeadBytes - 9;
    const size_t at = rdb::kHeadBytes + random.below(size);
    switch (random.below(4)) {
        case 0:
            dump[at] = static_cast<char>(random.below(256));
            break;
        case 1:
            dump[at] ^= static_cast<char>(1 << random.below(8));
            break;
        case 2:
            dump.erase(at, 1 + random.below(std::min<size_t>(20, size + rdb::kHeadBytes - at)));
            break;
        default:
            dump.insert(at, 1 + random.below(10), static_cast<char>(random.below(256)));
    }
    return summed(std::move(dump));
}

// What is damaged: in the quick run a dump that the function below once gave, so that each run sees
// the same; in the full run a new one, which differs in the order of keys and members.
//
// Without its functions: whether a changed text is still a program, and which functions it
// registers (two libraries with one of the same name are refused), is for an interpreter to say.
std::string data_of_all_types(tools::RedisOracle& redis) {
    if (!support::full_run())
        return read_text_file(TIDEMARK_SOURCE_ROOT "/tests/rdb_check/all_types.rdb");
    dump_of_all_types(redis);
    redis.cmd({"FUNCTION", "FLUSH"});
    return framed_again(redis.save(), rdb::Sealing::kOff, 0);
}

TEST_CASE("rdb_check/oracle: over random damage the verdict is redis-server's") {
    tools::RedisOracle redis;
    const std::string dump = data_of_all_types(redis);
    check_agrees(redis, dump, "the dump itself");
    Random random(20'260);
    for (int round = 0; round < support::rounds(300, 20'000); ++round) {
        check_agrees(redis, mutated(dump, random), fmt::format("round {}", round));
    }
}

TEST_CASE("rdb_check/oracle: what salvage makes of random damage is loaded") {
    tools::RedisOracle redis;
    const std::string dump = data_of_all_types(redis);
    Random random(20'261);
    const int rounds = support::rounds(150, 5'000);
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string damaged = mutated(dump, random);
        if (check(damaged).has(FindingCode::kDbOutOfRange)) continue;  // kept as it is
        const Mended mended = mend(damaged, Restore::kChangedBytes);
        CAPTURE(round);
        CAPTURE(joined(mended.codes));
        const tools::Answer answer = redis.load(mended.dump);
        if (answer.outcome == Outcome::kLoads) continue;
        ++refused;
        MESSAGE(answer.log.substr(answer.log.size() > 500 ? answer.log.size() - 500 : 0));
    }
    // A guess at where records go on can make a key whose value only looks whole.
    CHECK(refused <= 1 + rounds / 50);
}

const std::string kFixtures = TIDEMARK_SOURCE_ROOT "/../shared/fixtures";

bool has_fixtures() {
    if (fs::exists(kFixtures + "/INDEX.tsv")) return true;
    MESSAGE("skipped: there is no " << kFixtures);
    return false;
}

TEST_CASE("rdb_check/oracle: each dump of the fixtures has its verdict, and its repair") {
    if (!has_fixtures()) return;
    const support::TempFolder folder;
    for (const FixtureVerdict& row : fixture_verdicts()) {
        const std::string path = fmt::format("{}/{}", kFixtures, row.path);
        CAPTURE(row.path);
        const std::string before = read_text_file(path);
        REQUIRE_FALSE(before.empty());
        const tools::ToolRun checked = tools::run_rdb_check({"check", "--strict", path});
        CHECK(checked.exit == row.check_exit);
        CHECK(checked.says(row.says));
        const tools::ToolRun fixed =
            tools::run_rdb_check({"fix", path, "-o", folder / "fixed", "--overwrite"});
        CHECK(fixed.exit == row.fix_exit);
        const tools::ToolRun salvaged =
            tools::run_rdb_check({"salvage", path, "-o", folder / "salvaged", "--overwrite"});
        CHECK(salvaged.exit == row.salvage_exit);
        CHECK(read_text_file(path) == before);
        for (const std::string& result : {folder / "fixed", folder / "salvaged"}) {
            if (!fs::exists(result)) continue;
            const int again = tools::run_rdb_check({"check", "-q", result}).exit;
            CHECK((again == 0 || again == 7));
            fs::remove(result);
        }
    }
}

TEST_CASE("rdb_check/oracle: over the fixtures that it can read, redis-server agrees") {
    if (!has_fixtures()) return;
    tools::RedisOracle redis;
    constexpr int kReadByIt = 10;
    for (const FixtureVerdict& row : fixture_verdicts()) {
        const std::string dump = read_text_file(fmt::format("{}/{}", kFixtures, row.path));
        if (!dump.starts_with(rdb::kRedisMagic) || row.is_exception) continue;
        const int version = std::atoi(dump.substr(5, 4).c_str());
        if (version < 1 || version > kReadByIt) continue;
        check_agrees(redis, dump, std::string(row.path));
    }
}

}  // namespace
}  // namespace tidemark::rdb_check
