// Mode export: each form says what the dump says; what can be imported again is the same data.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <map>

#include "rdb/codec/encoder.h"
#include "rdb/codec/types.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_modes/world.h"
#include "tools/common/text.h"
#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/pending_table.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::Client;
using support::ServerKind;
using support::TempFolder;
using support::write_text_file;

std::string exported(std::string_view records, const char* format,
                     std::string_view head = "REDIS0011") {
    const TempFolder folder;
    write_text_file(folder / "in.rdb", rdb::dump(records, head));
    return run_tool(0, {"export", "--format", format, folder / "in.rdb"}).out;
}

// The tool says so, and the server; but of streams the tool alone: what view_of() tells of
// consumers holds times that no command can set.
void check_same_but_consumer_times(support::ServerProcess& server, const std::string& data) {
    const TempFolder folder;
    Client client = server.connect();
    CHECK(rdb::functions_of(client) == world().functions);
    save_to(server, data, folder / "again.rdb");
    run_tool(0, {"diff", world().dump, folder / "again.rdb"});
    const rdb::ServerView found = rdb::view_of(client);
    rdb::ServerView wanted = world().view;
    for (auto& [key, value] : wanted)
        if (value.starts_with("stream") && found.contains(key)) value = found.at(key);
    CHECK(rdb::difference(wanted, found) == "");
}

TEST_CASE("rdb-check/export: commands go through redis-cli --pipe and make the same data") {
    const TempFolder folder;
    const std::string commands = folder / "commands.resp";
    run_tool(0, {"export", "--format", "resp", "-o", commands, world().dump});
    const auto server = support::start_server(ServerKind::kRedis, folder.path(), {"--save", ""});
    std::string output;
    const auto status = support::run_program(
        {"sh", "-c",
         fmt::format("redis-cli -s '{}' --pipe < '{}'", server->endpoint().unix_path, commands)},
        support::Milliseconds(60'000), &output);
    CAPTURE(output);
    CHECK(status.code == 0);
    CHECK(output.find("errors: 0,") != std::string::npos);
    check_same_but_consumer_times(*server, folder.path());
    // Once more over what is there.
    run_tool(0, {"export", "--format", "resp", "--replace", "--overwrite", "-o", commands,
                 world().dump});
    support::run_program(
        {"sh", "-c",
         fmt::format("redis-cli -s '{}' --pipe < '{}'", server->endpoint().unix_path, commands)},
        support::Milliseconds(60'000), &output);
    check_same_but_consumer_times(*server, folder.path());
}

TEST_CASE("rdb-check/export: a log's folder is loaded by redis-server as the same data") {
    const TempFolder folder;
    run_tool(0, {"export", "--format", "aof", "-o", folder / "appendonlydir", world().dump});
    const auto server = support::start_server(ServerKind::kRedis, folder.path(),
                                              {"--save", "", "--appendonly", "yes"});
    check_same_but_consumer_times(*server, folder.path());
}

// "db/key" to the line of each key.
std::map<std::string, rapidjson::Document> lines_of(const std::string& ndjson) {
    std::map<std::string, rapidjson::Document> lines;
    for (size_t begin = 0; begin < ndjson.size();) {
        const size_t end = ndjson.find('\n', begin);
        rapidjson::Document line;
        REQUIRE_FALSE(line.Parse(ndjson.substr(begin, end - begin).c_str()).HasParseError());
        begin = end + 1;
        if (!line.HasMember("key")) continue;
        const std::string name =
            fmt::format("{}/{}", line["db"].GetUint(), line["key"].GetString());
        lines.emplace(name, std::move(line));
    }
    return lines;
}

TEST_CASE("rdb-check/export: NDJSON has each key with its type and all its elements") {
    const auto run = run_tool(0, {"export", world().dump});
    const auto lines = lines_of(run.out);
    CHECK(lines.size() == world().view.size());
    for (const auto& [name, value] : world().view) {
        const std::string& key = name;
        CAPTURE(key);
        REQUIRE(lines.contains(key));
        const rapidjson::Document& line = lines.at(key);
        const bool expires = value.starts_with("expire=");
        CHECK(line.HasMember("expire_at_ms") == expires);
        const std::string rest = expires ? value.substr(value.find(' ') + 1) : value;
        const std::string type = line["type"].GetString();
        CHECK(rest.starts_with(type + " "));
        for (const char* elements : {"elements", "members", "fields"}) {
            if (!line.HasMember(elements)) continue;
            CHECK(rest.starts_with(fmt::format("{} {} ", type, line[elements].Size())));
        }
    }
    const auto& small = lines.at("0/list:small")["elements"];
    CHECK(std::string(small[4].GetString()) == "9223372036854775807");
    CHECK(lines.at("1/zset:small")["members"].Size() == 30);
}

TEST_CASE("rdb-check/export: JSON of each kind of value is what the manual shows") {
    CHECK(exported("\xfe\x02\xfc\x10\x00\x00\x00\x00\x00\x00\x00\xf9\x07\x00\x01s\x02\xc3\xa4"_b,
                   "ndjson") ==
          "{\"db\":2,\"key\":\"s\",\"type\":\"string\",\"encoding\":\"plain\","
          "\"expire_at_ms\":16,\"freq\":7,\"value\":\"\u00e4\"}\n");
    CHECK(exported("\x00\x02\xff\x00\x01\xff"_b, "ndjson")
              .find("\"key_b64\":\"/wA=\",\"type\":\"string\",\"encoding\":\"plain\","
                    "\"value_b64\":\"/w==\"}") != std::string::npos);
    CHECK(exported("\x01\x01l\x02\x01"
                   "a\x01\xfe"_b,
                   "ndjson")
              .ends_with("\"elements\":[\"a\",{\"b64\":\"/g==\"}]}\n"));
    CHECK(
        exported("\x03\x01z\x03\x01"
                 "a\x03"
                 "1.5\x01"
                 "b\xfe\x01\xff\xff"_b,
                 "ndjson")
            .ends_with("\"members\":[{\"member\":\"a\",\"score\":1.5},{\"member\":\"b\",\"score\":"
                       "\"inf\"},{\"member_b64\":\"/w==\",\"score\":\"-inf\"}]}\n"));
    CHECK(exported("\x04\x01h\x01\x01"
                   "f\x01v"_b,
                   "ndjson")
              .ends_with("\"fields\":[{\"field\":\"f\",\"value\":\"v\"}]}\n"));
    CHECK(exported("", "json") == "[\n\n]\n");
}

TEST_CASE("rdb-check/export: CSV is a row an element, and a row is a line") {
    const std::string head =
        "db,key,type,expire_at_ms,index,field,value,score,field_expire_at_ms\n";
    CHECK(exported("\x00\x03"
                   "a\"\n\x04"
                   "x,\\\xff"_b,
                   "csv") == head + "0,\"a\"\"\\x0a\",string,,,,\"x,\\\\\\xff\",,\n");
    CHECK(exported("\x01\x01l\x02\x01"
                   "a\x01"
                   "b"_b,
                   "csv") == head + "0,\"l\",list,,0,,\"a\",,\n0,\"l\",list,,1,,\"b\",,\n");
    CHECK(exported("\x03\x01z\x01\x01"
                   "a\x03"
                   "1.5"_b,
                   "csv") == head + "0,\"z\",zset,,,,\"a\",1.5,\n");
    CHECK(exported("\x04\x01h\x01\x01"
                   "f\x01v"_b,
                   "csv") == head + "0,\"h\",hash,,,\"f\",\"v\",,\n");
}

TEST_CASE("rdb-check/export: commands of small values, by the byte") {
    CHECK(exported("\x00\x01s\x01v"_b, "resp") ==
          "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\ns\r\n$1\r\nv\r\n");
    CHECK(exported("\xfc\x10\x00\x00\x00\x00\x00\x00\x00\x02\x01s\x01\x01m"_b, "resp")
              .ends_with("*3\r\n$4\r\nSADD\r\n$1\r\ns\r\n$1\r\nm\r\n"
                         "*3\r\n$9\r\nPEXPIREAT\r\n$1\r\ns\r\n$2\r\n16\r\n"));
}

// One key whose strings come in parts, told to an exporter as a reader would.
std::string told(Exporter& exporter, OutBuffer& out, rdb::StringSink& sink, uint8_t type,
                 const std::function<void()>& value) {
    rdb::KeyRecord key;
    key.name = "k";
    key.type = rdb::find_type(rdb::Dialect::kRedis, type);
    exporter.begin();
    REQUIRE(exporter.begin_key(key));
    value();
    REQUIRE(exporter.end_key(0));
    exporter.finish();
    REQUIRE(out.flush());
    return sink.take();
}

enum class ExportForm { kJson, kCsv, kResp };

std::string told_in_parts(ExportForm form, uint8_t type,
                          const std::function<void(rdb::ValueSink&)>& value) {
    rdb::StringSink sink;
    OutBuffer out(sink);
    rdb::MemoryInput input("");
    const auto exporter = form == ExportForm::kJson ? make_json_exporter(out, JsonFrame::kLines)
                          : form == ExportForm::kCsv
                              ? make_csv_exporter(out)
                              : make_resp_exporter(out, input, ExistingKeys::kExtend);
    return told(*exporter, out, sink, type, [&] { value(*exporter); });
}

TEST_CASE("rdb-check/export: strings that come in parts are the same text in each form") {
    const auto parts = [](rdb::ValueSink& to) {
        REQUIRE(to.long_string(7));
        REQUIRE(to.part("ab"));
        REQUIRE(to.part("cd\""));
    };
    const auto hash = [&](rdb::ValueSink& to) {
        REQUIRE(to.begin_hash(1));
        parts(to);
        REQUIRE(to.field("ef"));
        parts(to);
        REQUIRE(to.field_value("gh", 99));
    };
    CHECK(
        told_in_parts(ExportForm::kJson, 4, hash)
            .ends_with(fmt::format("[{{\"field_b64\":\"{}\",\"value_b64\":\"{}\",\"expire_at_ms\":"
                                   "99}}]}}\n",
                                   tools::base64("abcd\"ef"), tools::base64("abcd\"gh"))));
    CHECK(told_in_parts(ExportForm::kCsv, 4, hash)
              .ends_with("0,\"k\",hash,,,\"abcd\"\"ef\",\"abcd\"\"gh\",,99\n"));
    CHECK(told_in_parts(ExportForm::kResp, 4, hash)
              .ends_with("*4\r\n$4\r\nHSET\r\n$1\r\nk\r\n$7\r\nabcd\"ef\r\n$7\r\nabcd\"gh\r\n"
                         "*6\r\n$10\r\nHPEXPIREAT\r\n$1\r\nk\r\n$2\r\n99\r\n$6\r\nFIELDS\r\n"
                         "$1\r\n1\r\n$7\r\nabcd\"ef\r\n"));
    const auto zset = [&](rdb::ValueSink& to) {
        REQUIRE(to.begin_zset(1));
        parts(to);
        REQUIRE(to.scored("xy", 2));
    };
    CHECK(told_in_parts(ExportForm::kResp, 5, zset)
              .ends_with("*4\r\n$4\r\nZADD\r\n$1\r\nk\r\n$1\r\n2\r\n$7\r\nabcd\"xy\r\n"));
    CHECK(told_in_parts(ExportForm::kJson, 5, zset)
              .ends_with(fmt::format("[{{\"member_b64\":\"{}\",\"score\":2}}]}}\n",
                                     tools::base64("abcd\"xy"))));
    const auto list = [&](rdb::ValueSink& to) {
        REQUIRE(to.begin_list(2));
        parts(to);
        REQUIRE(to.element(""));
        REQUIRE(to.element("z"));
    };
    CHECK(told_in_parts(ExportForm::kJson, 1, list)
              .ends_with(fmt::format("[{{\"b64\":\"{}\"}},\"z\"]}}\n", tools::base64("abcd\""))));
}

TEST_CASE("rdb-check/export: a large collection comes in commands of 64 elements") {
    const auto list = [](rdb::ValueSink& to) {
        REQUIRE(to.begin_list(130));
        for (int i = 0; i < 130; ++i) REQUIRE(to.element("e"));
    };
    const std::string text = told_in_parts(ExportForm::kResp, 1, list);
    size_t commands = 0;
    for (size_t at = 0; (at = text.find("RPUSH", at)) != std::string::npos; ++at) ++commands;
    CHECK(commands == 3);
    CHECK(text.find("*66\r\n") != std::string::npos);
    CHECK(text.find("*4\r\n") != std::string::npos);
}

TEST_CASE("rdb-check/export: pending entries are found again, also when they are many") {
    const TempFolder folder;
    PendingTable table(folder.path());
    constexpr uint64_t kMany = 600'000;  // more than twice what stays in memory
    for (uint64_t i = 0; i < kMany; ++i)
        REQUIRE(table.add({{i / 3, i}, static_cast<int64_t>(i), i + 1}));
    for (uint64_t i = 0; i < kMany; i += 9'973) {
        const auto found = table.find({i / 3, i});
        REQUIRE((found.has_value() && found->has_value()));
        CHECK((*found)->deliveries == i + 1);
    }
    CHECK_FALSE(table.find({kMany, 0})->has_value());
    CHECK_FALSE(table.find({0, kMany})->has_value());
    table.clear();
    CHECK_FALSE(table.find({0, 0})->has_value());
}

TEST_CASE("rdb-check/export: to standard output the verdict goes to stderr, to a file to stdout") {
    const TempFolder folder;
    const auto piped = run_tool(0, {"export", "--type", "hash", world().dump});
    CHECK(piped.out.find("exported") == std::string::npos);
    CHECK(piped.err.find("4 keys exported") != std::string::npos);
    const auto filed = run_tool(0, {"export", world().dump, "-o", folder / "out"});
    CHECK(filed.says("keys exported"));
    CHECK(run_tool(0, {"export", "--format", "csv", world().dump})
              .err.find("not in it: 1 library source; not in it: 2 stream groups") !=
          std::string::npos);
    run_tool(2, {"export", "--format", "aof", world().dump});
    run_tool(2, {"export", "--format", "xml", world().dump});
}

}  // namespace
}  // namespace tidemark::rdb_check
