// check, fix and salvage with a filter: what is said of keys that it leaves out, and that they are
// not written.
#include <doctest/doctest.h>

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
using tools::run_rdb_check;
using tools::ToolRun;

// A hash in a listpack whose total is wrong.
std::string bad_hash(const std::string& name) {
    return "\x10\x02"_b + name + "\x0b\x0c\x00\x00\x00\x02\x00\x01\x01\x01\x01\xff"_b;
}

// Strings k, m and p, hashes h1 and h2 that are damaged, an empty list.
std::string dump_of_kinds() {
    return rdb::dump("\xfe\x00\xfb\x06\x00\x00\x01k\x01v"_b + bad_hash("h1") +
                     "\x01\x01l\x00\x00\x01m\x01v"_b + bad_hash("h2") + "\x00\x01p\x02vv"_b);
}

class Chosen {
public:
    explicit Chosen(std::string_view dump) { write_text_file(folder_ / "dump.rdb", dump); }

    ToolRun check(std::vector<std::string> options) {
        options.insert(options.begin(), {"check", "--strict"});
        options.push_back(folder_ / "dump.rdb");
        return run_rdb_check(options);
    }
    // What was written is sound, too.
    ToolRun write(const std::string& mode, std::vector<std::string> options) {
        options.insert(options.begin(), mode);
        options.insert(options.end(),
                       {folder_ / "dump.rdb", "-o", folder_ / "new.rdb", "--overwrite"});
        const ToolRun run = run_rdb_check(options);
        if (run.exit != 1 && run.exit != 2)
            CHECK(run_rdb_check({"check", "--strict", folder_ / "new.rdb"}).exit == 0);
        return run;
    }
    std::vector<std::string> written() const {
        std::vector<std::string> names;
        for (const auto& [name, bytes] : keys_of(read_text_file(folder_ / "new.rdb")))
            names.push_back(name);
        return names;
    }
    std::string lost() const { return read_text_file(folder_ / "new.rdb.lost"); }

private:
    TempFolder folder_;
};

TEST_CASE("rdb_check/chosen_keys: check says nothing of the values of other keys") {
    Chosen chosen(dump_of_kinds());
    const ToolRun one = chosen.check({"--key", "h1"});
    CHECK(one.exit == 1);
    CHECK(one.says("\"h1\""));
    CHECK_FALSE(one.says("\"h2\""));
    CHECK_FALSE(one.says("empty-aggregate"));
    CHECK(one.last_line().find("0 of 5 keys can be read") != std::string::npos);
    const ToolRun strings = chosen.check({"--type", "string"});
    CHECK(strings.exit == 0);
    CHECK(strings.last_line().find("3 of 6 keys") != std::string::npos);
    CHECK(chosen.check({"--type", "string", "--json"}).says(R"("keys":3,"left_out":3)"));
    CHECK(chosen.check({}).last_line().find(" of ") == std::string::npos);
}

TEST_CASE("rdb_check/chosen_keys: what only the value says decides as well") {
    Chosen chosen(dump_of_kinds());
    CHECK(chosen.check({"--elements", "0", "--type", "list"}).says("empty-aggregate"));
    CHECK_FALSE(chosen.check({"--elements", "1..", "--type", "list"}).says("empty-aggregate"));
    // Of a damaged value the size is known by its frame, the number of elements is not.
    CHECK(chosen.check({"--size", "<10", "--type", "hash"}).exit == 0);
    CHECK(chosen.check({"--size", ">10", "--type", "hash"}).says("2 errors"));
    CHECK(chosen.check({"--elements", "9", "--type", "hash"}).says("2 errors"));
    chosen.write("fix", {"--size", "6", "--type", "string"});
    CHECK(joined(chosen.written()) == "0/p ");
}

TEST_CASE("rdb_check/chosen_keys: lost framing is said whatever keys are chosen") {
    std::string dump = rdb::dump(
        "\x00\x01k\x01v\x00\x01m\x01v\x00\x01n\x01v\x00\x01o\x01v\x00\x01p\x01v\x00\x01q\x01v"_b);
    dump[rdb::kHeadBytes + 10] = '\x63';
    Chosen chosen(without_checksum(dump));
    CHECK(chosen.check({"--key", "none"}).exit == 1);
    CHECK(chosen.write("salvage", {"--key", "q"}).exit == 5);
    CHECK(joined(chosen.written()) == "0/q ");
}

TEST_CASE("rdb_check/chosen_keys: fix and salvage leave out the others, which is no loss") {
    Chosen chosen(dump_of_kinds());
    CHECK(chosen.write("fix", {}).exit == 1);
    const ToolRun fixed = chosen.write("fix", {"--type", "string"});
    CHECK(fixed.exit == 0);
    CHECK(fixed.says("keys that were not chosen passed over: 3"));
    CHECK(joined(chosen.written()) == "0/k 0/m 0/p ");
    CHECK(chosen.lost().empty());
    CHECK(chosen.write("salvage", {"--key", "h1", "--key", "k"}).exit == 5);
    CHECK(joined(chosen.written()) == "0/k ");
    CHECK(chosen.lost().starts_with("lost "));
    CHECK(chosen.lost().find("h1") != std::string::npos);
    CHECK(chosen.lost().find("h2") == std::string::npos);
}

TEST_CASE("rdb_check/chosen_keys: libraries of functions belong to no key and are left out") {
    const std::string library = "#!lua name=l\nredis.register_function('f', function() end)";
    const std::string record = "\xf5"_b + static_cast<char>(library.size()) + library;
    Chosen chosen(rdb::dump(record + "\x00\x01k\x01v\x00\x01m\x01v"_b));
    CHECK(chosen.write("salvage", {}).exit == 0);
    CHECK(chosen.check({}).exit == 0);
    CHECK(chosen.write("salvage", {"--key", "k"}).exit == 0);
    CHECK(joined(chosen.written()) == "0/k ");
}

TEST_CASE("rdb_check/chosen_keys: a filter that cannot be read is a wrong command line") {
    Chosen chosen(dump_of_kinds());
    CHECK(chosen.check({"--where", "type=nonsense"}).exit == 2);
    CHECK(chosen.write("fix", {"--ttl", "soon"}).exit == 2);
}

}  // namespace
}  // namespace tidemark::rdb_check
