// Mode convert: the same data for a real server, whatever the form.
#include <fmt/format.h>

#include "rdb/codec/encoder.h"
#include "rdb/codec/types.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_modes/world.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::read_text_file;
using support::TempFolder;
using support::write_text_file;

struct Form {
    const char* name;
    std::vector<std::string> options;
};

void check_form(const std::string& from, const Form& form) {
    CAPTURE(form.name);
    const TempFolder folder;
    const std::string to = folder / "converted.rdb";
    std::vector<std::string> args = {"convert", from, "-o", to};
    args.insert(args.end(), form.options.begin(), form.options.end());
    run_tool(0, args);
    run_tool(0, {"diff", from, to});
    const TempFolder data;
    check_same_world(*serve_file(data.path(), to));
}

TEST_CASE("rdb-check/convert: every encoding is the same to a redis-server, in every form") {
    const Form forms[] = {
        {"sealed", {}},
        {"unsealed", {"--no-seal"}},
        {"expanded, not compressed", {"--expand", "--no-compress"}},
        {"compact, compressed, version 10", {"--compact", "--compress", "--to-version", "10"}},
    };
    for (const Form& form : forms) check_form(world().dump, form);
}

TEST_CASE("rdb-check/convert: to version 11 and back nothing is lost, to 12 and 13 neither") {
    const TempFolder folder;
    std::string from = world().dump;
    for (const char* version : {"11", "12", "13", "80"}) {
        CAPTURE(version);
        const std::string to = folder / version;
        run_tool(0, {"convert", from, "-o", to, "--to-version", version, "--compact"});
        run_tool(0, {"diff", world().dump, to});
        from = to;
    }
    check_form(from, {"back to 10", {"--to-version", "10"}});
}

TEST_CASE("rdb-check/convert: to old versions what they hold is kept, the rest refused or said") {
    const TempFolder folder;
    const std::string refused = folder / "refused.rdb";
    const auto run = run_tool(7, {"convert", world().dump, "-o", refused, "--to-version", "6"});
    CHECK(run.last_line().find("version 6 has no place for") != std::string::npos);
    CHECK(run.last_line().find("; --lossy leaves it out") != std::string::npos);
    CHECK_FALSE(run.says("cannot be loaded"));
    CHECK_FALSE(exists(refused));
    const std::string to = folder / "6.rdb";
    run_tool(5, {"convert", world().dump, "-o", to, "--to-version", "6", "--lossy"});
    // Streams, and the library of functions, which a filter leaves out.
    run_tool(0, {"diff", "--where", "not type=stream", world().dump, to});
    CHECK(
        run_tool(1, {"diff", "--summary", world().dump, to}).says("4 removed, 0 added, 0 changed"));
}

TEST_CASE("rdb-check/convert: what nobody asks to change is copied byte for byte") {
    const TempFolder folder;
    // A length longer than need be, an expiry in seconds, a hash as a zipmap.
    const std::string bytes = rdb::dump(
        "\xfe\x00"
        "\x00\x40\x01k\x01v"
        "\xfd\x00\x00\x00\x7f\x00\x01t\x01v"
        "\x09\x01z\x07\x01\x01"
        "f\x01\x00v\xff"_b,
        "REDIS0009");
    write_text_file(folder / "in.rdb", bytes);
    run_tool(0, {"convert", folder / "in.rdb", "-o", folder / "out.rdb", "--no-seal"});
    CHECK(read_text_file(folder / "out.rdb") == bytes);
}

// A redis-server's, some of them with counters that their entries do not tell.
std::string dump_with_streams(const TempFolder& folder) {
    const TempFolder data;
    const auto server = support::start_server(support::ServerKind::kRedis, data.path(),
                                              {"--save", "", "--appendonly", "no"});
    support::Client client = server->connect();
    for (const std::string key : {"plain", "deleted", "trimmed", "midway"}) {
        for (const char* id : {"1-1", "2-1", "3-1"})
            REQUIRE_FALSE(client.cmd({"XADD", key, id, "f", "v"}).is_error());
        for (const char* at : {"0-0 0", "0-5 0", "1-1 1", "3-1 3"}) {
            const std::string id(at, 3);
            client.cmd({"XGROUP", "CREATE", key, "at-" + id, id, "ENTRIESREAD", at + 4});
        }
        client.cmd({"XREADGROUP", "GROUP", "at-0-0", "c", "STREAMS", key, ">"});
    }
    client.cmd({"XADD", "fresh", "1-1", "f", "v"});
    client.cmd({"XGROUP", "CREATE", "fresh", "one", "1-1", "ENTRIESREAD", "1"});
    client.cmd({"XDEL", "deleted", "2-1"});
    client.cmd({"XTRIM", "trimmed", "MAXLEN", "2"});
    client.cmd({"XGROUP", "SETID", "midway", "at-1-1", "2-1", "ENTRIESREAD", "2"});
    save_to(*server, data.path(), folder / "streams.rdb");
    return folder / "streams.rdb";
}

TEST_CASE("rdb-check/convert: to version 9 a stream's counters go only where they are derived") {
    const TempFolder folder;
    const std::string in = dump_with_streams(folder);
    const std::string out = folder / "out.rdb";
    const auto convert = [&](int exit, const std::vector<std::string>& options) {
        std::vector<std::string> args = {"convert",      in,  "-o",         out,
                                         "--to-version", "9", "--overwrite"};
        args.insert(args.end(), options.begin(), options.end());
        return run_tool(exit, args);
    };
    for (const char* key : {"deleted", "trimmed", "midway"})
        CHECK(convert(7, {"--key", key}).says("counters"));
    CHECK_FALSE(exists(out));
    CHECK(convert(5, {"--lossy"}).says("lost: 3 x counters of a stream"));
    for (const char* key : {"plain", "fresh"}) {
        CAPTURE(key);
        convert(0, {"--key", key});
        run_tool(0, {"diff", "--key", key, in, out});
        const TempFolder before;
        const TempFolder after;
        const auto info = [&](const TempFolder& data, const std::string& path) {
            const auto server = serve_file(data.path(), path);
            support::Client client = server->connect();
            return rdb::view_of(client)[fmt::format("0/{}", key)];
        };
        CHECK(info(after, out) == info(before, in));
    }
}

// A hash in version 12, one of its fields with an expiry.
std::string expiring_hash() {
    rdb::StringSink bytes;
    rdb::DumpWriter dump(bytes, {.version = 12, .sealing = rdb::Sealing::kOff});
    rdb::Encoder encoder(dump, {.version = 12});
    rdb::KeyRecord key;
    key.name = "h";
    key.type = rdb::find_type(rdb::Dialect::kRedis, 24);
    REQUIRE(dump.begin());
    REQUIRE(encoder.begin_key(key));
    REQUIRE(encoder.begin_hash(2));
    REQUIRE(encoder.field("stays"));
    REQUIRE(encoder.field_value("1", std::nullopt));
    REQUIRE(encoder.field("goes"));
    REQUIRE(encoder.field_value("2", 4'000'000'000'000));
    REQUIRE(encoder.end_key(0));
    REQUIRE(dump.finish());
    return bytes.take();
}

TEST_CASE("rdb-check/convert: expiries of fields go only with --lossy, and that is said") {
    const TempFolder folder;
    const std::string in = folder / "in.rdb";
    const std::string out = folder / "out.rdb";
    write_text_file(in, expiring_hash());
    run_tool(7, {"convert", in, "-o", out, "--to-version", "11"});
    CHECK_FALSE(exists(out));
    const auto lossy = run_tool(5, {"convert", in, "-o", out, "--to-version", "11", "--lossy"});
    CHECK(lossy.says("lost: 1 x expiry of a hash's field"));
    CHECK(run_tool(1, {"diff", in, out}).says("~ db 0 hash \"h\""));
    run_tool(0, {"convert", in, "-o", folder / "80.rdb", "--to-version", "80"});
    run_tool(0, {"diff", in, folder / "80.rdb"});
}

TEST_CASE(
    "rdb-check/convert: where a hash's fields expire, 12 is written unless another is asked") {
    const TempFolder folder;
    const std::string in = folder / "in.rdb";
    const std::string out = folder / "out.rdb";
    std::string dump = expiring_hash().replace(rdb::kRedisMagic.size(), 4, "0011");
    dump.replace(dump.size() - 8, 8, 8, '\0');
    write_text_file(in, dump);
    for (const std::vector<std::string>& mode :
         {std::vector<std::string>{"convert"}, {"convert", "--expand"}, {"salvage"}}) {
        CAPTURE(mode[0]);
        std::vector<std::string> args = mode;
        args.insert(args.end(), {in, "-o", out, "--overwrite"});
        run_tool(mode[0] == "salvage" ? 4 : 0, args);
        CHECK(read_text_file(out).starts_with("REDIS0012"));
        run_tool(0, {"check", "--strict", out});
        run_tool(0, {"diff", in, out});
    }
    run_tool(7, {"convert", in, "-o", folder / "11.rdb", "--to-version", "11"});
    // Others stay what they are.
    run_tool(0, {"convert", in, "-o", out, "--overwrite", "--key", "none"});
    CHECK(read_text_file(out).starts_with("REDIS0011"));
}

TEST_CASE("rdb-check/convert: with a filter only what it chooses is written") {
    const TempFolder folder;
    const std::string out = folder / "out.rdb";
    run_tool(0, {"convert", world().dump, "-o", out, "--where", "type=hash and elements>100"});
    const auto diff = run_tool(1, {"diff", "--json", world().dump, out});
    CHECK(diff.says("\"added\":0,\"changed\":0,\"ttl\":0,\"same\":2"));
}

TEST_CASE("rdb-check/convert: an output that exists stays unless --overwrite is given") {
    const TempFolder folder;
    const std::string out = folder / "out.rdb";
    write_text_file(out, "mine");
    CHECK(run_tool(3, {"convert", world().dump, "-o", out}).says("--overwrite"));
    CHECK(read_text_file(out) == "mine");
    run_tool(0, {"convert", world().dump, "-o", out, "--overwrite"});
    run_tool(0, {"diff", world().dump, out});
}

TEST_CASE("rdb-check/convert: versions and options that cannot be are usage errors") {
    const TempFolder folder;
    const std::string out = folder / "out.rdb";
    for (const char* version : {"5", "14", "79", "0", "x"})
        run_tool(2, {"convert", world().dump, "-o", out, "--to-version", version});
    run_tool(2, {"convert", world().dump, "-o", out, "--to-version", "6", "--seal"});
    run_tool(2, {"convert", world().dump, "-o", out, "--compact", "--expand"});
    run_tool(2, {"convert", world().dump});
    CHECK_FALSE(exists(out));
}

}  // namespace
}  // namespace tidemark::rdb_check
