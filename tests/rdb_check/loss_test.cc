// What is lost is said: a repair that calls itself lossless is one.
#include <doctest/doctest.h>

#include "base/random.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/dumps.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::read_text_file;
using support::TempFolder;
using support::write_text_file;

std::string text_key(const std::string& name, const std::string& value) {
    std::string record(1, '\0');
    for (const std::string& text : {name, value}) record += static_cast<char>(text.size()) + text;
    return record;
}

// 400 keys in dbs 0 and 3, with names of their own.
std::string two_dbs() {
    std::string records = "\xfe\x00\xfb\x40\xc8\x00"_b;
    for (int i = 0; i < 400; ++i) {
        if (i == 200) records += "\xfe\x03\xfb\x40\xc8\x00"_b;
        records += text_key(fmt::format("key:{}", i), fmt::format("value of {}", i));
    }
    return rdb::dump(records);
}

const UnfitPart* part_at(const Mended& mended, uint64_t offset) {
    for (const UnfitPart& part : mended.found.unfit) {
        if (part.begin <= offset && offset <= part.end) return &part;
    }
    return nullptr;
}

struct Repair {
    tools::ToolRun run;
    std::string dump;
};

Repair repair(std::vector<std::string> args, std::string_view dump) {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", dump);
    args.insert(args.end(), {folder / "dump.rdb", "-o", folder / "new.rdb"});
    tools::ToolRun run = tools::run_rdb_check(args);
    return {std::move(run), read_text_file(folder / "new.rdb")};
}

// Bytes taken out of a sealed dump, or put in, cost keys of one segment, and each is counted.
void check_moved(const std::string& sealed, const std::string& moved, size_t at, size_t segment) {
    CAPTURE(at);
    const auto keys = keys_of(sealed);
    const Mended mended = mend(moved, Restore::kChangedBytes);
    CAPTURE(joined(mended.codes));
    const auto kept = keys_of(mended.dump);
    size_t lost = 0;
    for (const auto& [name, bytes] : keys) {
        const auto found = kept.find(name);
        if (found == kept.end() || found->second != bytes) ++lost;
    }
    const UnfitPart* part = part_at(mended, at);
    REQUIRE(part != nullptr);
    CHECK(part->end - part->begin <= 3 * segment);
    CHECK(mended.found.missing_keys == part->missing);
    CHECK(keys.size() - kept.size() <= part->missing + mended.result.duplicates_dropped);
    // The records of so many bytes, the one that the cut is in, and one that vouches for nothing.
    constexpr size_t kSmallestRecord = 16;
    const size_t taken = sealed.size() > moved.size() ? sealed.size() - moved.size() : 0;
    CHECK(lost <= taken / kSmallestRecord + 3);
}

TEST_CASE("rdb_check/loss: bytes that are missing, or too many, are located by the seals") {
    constexpr size_t kSegment = 1000;
    const std::string sealed = framed_again(two_dbs(), rdb::Sealing::kOn, kSegment);
    REQUIRE(check(sealed).findings.empty());
    Random random(7);
    const size_t end = sealed.rfind("tm-index") - 400;
    for (size_t at = rdb::kHeadBytes; at < end; at += 61) {
        for (const size_t bytes : {1, 15, 300}) {
            std::string missing = sealed;
            check_moved(sealed, missing.erase(at, bytes), at, kSegment);
            std::string more(bytes, '\0');
            for (char& c : more) c = static_cast<char>(random.below(256));
            std::string inserted = sealed;
            check_moved(sealed, inserted.insert(at, more), at, kSegment);
        }
    }
}

TEST_CASE("rdb_check/loss: whole records that are gone from a sealed dump are a loss") {
    std::string sealed = framed_again(two_dbs(), rdb::Sealing::kOn, 1000);
    const auto records = records_of(sealed);
    sealed.erase(records[20].begin, records[23].end - records[20].begin);
    for (const char* mode : {"fix", "salvage"}) {
        const Repair repaired = repair({mode}, sealed);
        CHECK(repaired.run.exit == 5);
        CHECK(repaired.run.says("not what was sealed: bytes 0 to "));
        CHECK(repaired.run.last_line().find("4 keys missing") != std::string::npos);
        CHECK(keys_of(repaired.dump).size() == 396);
    }
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", sealed);
    CHECK_FALSE(tools::run_rdb_check({"check", folder / "dump.rdb"}).says("mends it"));
}

TEST_CASE("rdb_check/loss: a segment whose bytes were changed and parse is named as a loss") {
    std::string sealed = framed_again(two_dbs(), rdb::Sealing::kOn, 1000);
    sealed.replace(sealed.find("value of 100"), 5, "VALUE");
    const Repair repaired = repair({"fix"}, sealed);
    CHECK(repaired.run.exit == 5);
    CHECK(repaired.run.says("0 of them missing"));
    CHECK(repaired.run.last_line().ends_with("values may be wrong in 1 segment"));
    CHECK(keys_of(repaired.dump).size() == 400);
}

TEST_CASE("rdb_check/loss: without seals, a checksum that does not fit leaves contents in doubt") {
    std::string dump = two_dbs();
    dump.replace(dump.find("value of 100"), 5, "VALUE");
    const Repair repaired = repair({"fix"}, dump);
    CHECK(repaired.run.exit == 4);
    CHECK(repaired.run.last_line().find("cannot be told") != std::string::npos);
}

TEST_CASE("rdb_check/loss: of a dump cut between two records, what RESIZEDB announced is missing") {
    const std::string dump = two_dbs();
    const auto records = records_of(dump);
    for (const char* mode : {"fix", "salvage"}) {
        const Repair few = repair({mode}, dump.substr(0, records[102].begin));
        CHECK(few.run.exit == 5);
        CHECK(few.run.last_line().find("100 keys missing") != std::string::npos);
        CHECK(keys_of(few.dump).size() == 100);
        // Nothing says that there was another db, or that there was not.
        const Repair all = repair({mode}, dump.substr(0, records[202].begin));
        CHECK(all.run.exit == 4);
        CHECK(all.run.last_line().find("cannot be told") != std::string::npos);
    }
}

TEST_CASE("rdb_check/loss: a hint that is wrong in a whole dump is mended without loss") {
    CHECK(repair({"fix"}, rdb::dump("\xfe\x00\xfb\x05\x00"_b + text_key("a", "1"))).run.exit == 4);
}

TEST_CASE("rdb_check/loss: a dump with a log behind it is not mended, because the log would go") {
    const std::string log = "*1\r\n$4\r\nPING\r\n";
    const std::string announced =
        "\xfa\x0c"
        "aof-preamble\xc0\x01"_b;
    for (const std::string& dump :
         {rdb::dump(text_key("a", "1")), rdb::dump(announced + text_key("a", "1"))}) {
        for (const char* mode : {"fix", "salvage"}) {
            const Repair refused = repair({mode}, dump + log);
            CHECK(refused.run.exit == 2);
            CHECK(refused.run.says("aof-check"));
            CHECK(refused.dump.empty());
        }
        const TempFolder folder;
        write_text_file(folder / "pre.aof", dump + log);
        CHECK(tools::run_rdb_check({"check", folder / "pre.aof"}).exit == 0);
    }
    CHECK(repair({"fix"}, rdb::dump(text_key("a", "1")) + "* rubbish").run.exit == 4);
}

TEST_CASE("rdb_check/loss: keys of a db that no server has are put aside, or kept when told to") {
    const std::string last = "\x00\x01k\x01v"_b;
    const std::string dump = rdb::dump("\xfe\x00"_b + text_key("a", "1") + "\xfe\x10"_b + last);
    CHECK(repair({"fix"}, dump).run.exit == 1);
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", dump);
    CHECK_FALSE(tools::run_rdb_check({"check", folder / "dump.rdb"}).says("mends it"));
    const auto run =
        tools::run_rdb_check({"salvage", folder / "dump.rdb", "-o", folder / "new.rdb"});
    CHECK(run.exit == 5);
    CHECK(run.last_line().find("1 key of dbs from 16 on") != std::string::npos);
    CHECK(keys_of(read_text_file(folder / "new.rdb")).size() == 1);
    CHECK(read_text_file(folder / "new.rdb.lost").find("a key of db 16\n" + last) !=
          std::string::npos);
    CHECK(tools::run_rdb_check({"check", "--strict", folder / "new.rdb"}).exit == 0);
    CHECK(repair({"salvage", "--databases", "17"}, dump).run.exit == 0);
    CHECK(repair({"fix", "--databases", "16"}, rdb::dump("\xfe\x10"_b)).run.exit == 4);
}

TEST_CASE("rdb_check/loss: keys whose SELECTDB was destroyed are kept beside those of their name") {
    const std::string select = "\xfe\x03"_b;
    std::string records = "\xfe\x00"_b;
    for (int db = 0; db < 2; ++db) {
        if (db == 1) records += select;
        for (int i = 0; i < 50; ++i)
            records += text_key(fmt::format("key:{}", i), fmt::format("of db {}", db));
    }
    const std::string dump = rdb::dump(records);
    for (const char* other : {"\x7e\x03", "\xfe\xff"}) {  // no opcode; no number
        std::string damaged = dump;
        damaged.replace(dump.find(select), 2, other, 2);
        const Repair repaired = repair({"salvage", "--no-restore"}, damaged);
        CHECK(repaired.run.exit == 5);
        CHECK(repaired.run.last_line().find("whose database is in doubt") != std::string::npos);
        CHECK(keys_of(repaired.dump).size() >= 98);
    }
    std::string same = without_checksum(dump);
    same[same.find(select) + 1] = '\0';
    CHECK(keys_of(repair({"salvage"}, same).dump).size() == 100);
}

}  // namespace
}  // namespace tidemark::rdb_check
