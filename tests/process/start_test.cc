// Starts that must not succeed: exit 1 within two seconds and one sentence that says what is wrong
// and what helps. And damaged logs: refused where data would be lost, cut where nothing was
// promised.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/process/rewrite.h"
#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using support::Client;
using support::Milliseconds;
using support::ServerKind;
using support::ServerProcess;
using support::start_server;
using support::TempFolder;

const Milliseconds kPatience(support::sanitized() ? 10'000 : 2'000);

struct Refusal {
    int code;
    std::string output;
};

Refusal refusal(const std::string& folder, const std::vector<std::string>& args = {}) {
    ServerProcess server(ServerKind::kTidemark, folder, args);
    const auto status = server.process().wait_for(kPatience);
    const std::string output = server.output();
    if (!status) FAIL_CHECK("it came up, or took too long:\n" << output);
    return {status ? status->code : -1, output};
}

// Exit 1, few words, and these among them.
void check_refused(const Refusal& refusal, const std::vector<std::string>& words) {
    CAPTURE(refusal.output);
    CHECK(refusal.code == 1);
    CHECK(std::count(refusal.output.begin(), refusal.output.end(), '\n') <= 3);
    for (const std::string& word : words) {
        CAPTURE(word);
        CHECK(refusal.output.find(word) != std::string::npos);
    }
}

std::string log_path(const TempFolder& data, const char* name) {
    return data / "appendonlydir/" + name;
}

const std::vector<std::string> kRedisDefaults = {"--aof-use-rdb-preamble", "yes"};
constexpr const char* kIncrement = "appendonly.aof.1.incr.aof";
constexpr const char* kManifest = "appendonly.aof.manifest";

// A folder with `count` keys k0, k1, ..., left by a clean stop.
void fill(const TempFolder& data, int count) {
    auto server = start_server(ServerKind::kTidemark, data.path());
    Client client = server->connect();
    for (int i = 0; i < count; ++i)
        REQUIRE(client.cmd({"SET", fmt::format("k{}", i), "some value"}).ok());
    REQUIRE(server->stop().code == 0);
}

}  // namespace

TEST_CASE("start: a port that is taken") {
    const TempFolder data;
    const TempFolder other;
    auto first = start_server(ServerKind::kTidemark, other.path());
    const std::string port = std::to_string(first->endpoint().port);
    check_refused(refusal(data.path(), {"--port", port}), {port, "in use"});
}

TEST_CASE("start: a folder that is not there, or is none") {
    const TempFolder data;
    support::write_text_file(data / "file", "");
    check_refused(refusal(data / "missing"), {data / "missing"});
    check_refused(refusal(data / "file"), {data / "file"});
}

TEST_CASE("start: a folder that cannot be written") {
    // Not even root can make files there.
    check_refused(refusal("/proc/self"), {"/proc/self"});
}

TEST_CASE("start: a second server on the same folder") {
    const TempFolder data;
    auto first = start_server(ServerKind::kTidemark, data.path());
    REQUIRE(first->connect().cmd({"SET", "a", "1"}).ok());
    check_refused(refusal(data.path()), {data.path()});
    CHECK(first->connect().cmd({"GET", "a"}).text == "1");
    first->kill_hard();
    first = start_server(ServerKind::kTidemark, data.path());  // the lock went with the process
    CHECK(first->connect().cmd({"GET", "a"}).text == "1");
}

TEST_CASE("start: an unknown directive and a value that is none") {
    const TempFolder data;
    check_refused(refusal(data.path(), {"--nosuch-directive", "yes"}), {"nosuch-directive"});
    check_refused(refusal(data.path(), {"--appendfsync", "sometimes"}), {"appendfsync"});
    check_refused(refusal(data.path(), {"--maxclients", "many"}), {"maxclients"});
    CHECK(support::files_below(data.path()).empty());
}

TEST_CASE("start: an unknown directive in a file is named with file and line") {
    const TempFolder data;
    const std::string path = data / "my.conf";
    support::write_text_file(path, "# a comment\nmaxclients 100\nnosuch-directive yes\n");
    std::string output;
    const auto status = support::run_program(
        {support::server_program(ServerKind::kTidemark), path, "--dir", data.path()}, kPatience,
        &output);
    check_refused({status.code, output}, {path, "3", "nosuch-directive"});
}

TEST_CASE("start: a log whose manifest is missing is not taken for an empty one") {
    const TempFolder data;
    fill(data, 10);
    const std::string manifest = support::read_text_file(log_path(data, kManifest));
    REQUIRE(std::remove(log_path(data, kManifest).c_str()) == 0);
    check_refused(refusal(data.path()), {"manifest"});
    support::write_text_file(log_path(data, kManifest), manifest);
    auto server = start_server(ServerKind::kTidemark, data.path());
    CHECK(server->connect().cmd({"DBSIZE"}).integer == 10);
}

TEST_CASE("start: a file that the manifest names is missing") {
    const TempFolder data;
    fill(data, 10);
    REQUIRE(std::remove(log_path(data, kIncrement).c_str()) == 0);
    check_refused(refusal(data.path()), {kIncrement});
}

TEST_CASE("start: a byte that changed in the middle of the log is found and located") {
    const TempFolder data;
    fill(data, 1000);
    std::string text = support::read_text_file(log_path(data, kIncrement));
    const size_t place = text.find("some value", text.size() / 2);
    REQUIRE(place != std::string::npos);
    text[place] ^= 1;  // still a well-formed record: only a checksum can know
    support::write_text_file(log_path(data, kIncrement), text);
    check_refused(refusal(data.path()), {kIncrement, "offset"});
    CHECK(support::read_text_file(log_path(data, kIncrement)) == text);
}

TEST_CASE("start: a tail that was torn off in the middle of a record is cut and kept aside") {
    const TempFolder data;
    fill(data, 100);
    const std::string whole = support::read_text_file(log_path(data, kIncrement));
    support::write_text_file(log_path(data, kIncrement),
                             whole + "*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$100\r\nval");
    auto server = start_server(ServerKind::kTidemark, data.path());
    CHECK(server->connect().cmd({"DBSIZE"}).integer == 100);
    const auto names = support::files_below(data.path());
    CHECK(std::any_of(names.begin(), names.end(), [](const std::string& name) {
        return name.find(".tail-") != std::string::npos;
    }));
}

TEST_CASE("start: NUL bytes and garbage behind the last seal are cut") {
    for (const std::string& tail : {std::string(5000, '\0'), std::string("\x07garbage\r\n\xff")}) {
        const TempFolder data;
        fill(data, 100);
        const std::string whole = support::read_text_file(log_path(data, kIncrement));
        support::write_text_file(log_path(data, kIncrement), whole + tail);
        auto server = start_server(ServerKind::kTidemark, data.path());
        CHECK(server->connect().cmd({"DBSIZE"}).integer == 100);
    }
}

TEST_CASE("start: a base in RDB form is loaded") {
    const TempFolder data;
    {
        auto redis = start_server(ServerKind::kRedis, data.path(), kRedisDefaults);
        Client client = redis->connect();
        REQUIRE(client.cmd({"SET", "a", "1"}).ok());
        process::rewrite_log(client);
        REQUIRE(client.cmd({"SET", "b", "2"}).ok());
    }
    auto server = start_server(ServerKind::kTidemark, data.path());
    CHECK(server->connect().cmd({"GET", "a"}).text == "1");
    CHECK(server->connect().cmd({"GET", "b"}).text == "2");
    CHECK(server->connect().cmd({"DBSIZE"}).integer == 2);
}

TEST_CASE("start: a base with a list is refused by key, type and offset, and left as it is") {
    const TempFolder data;
    const TempFolder copy;
    {
        auto redis = start_server(ServerKind::kRedis, data.path(), kRedisDefaults);
        Client client = redis->connect();
        REQUIRE(client.cmd({"SET", "a", "1"}).ok());
        REQUIRE(client.cmd({"RPUSH", "my list", "1", "2"}).integer == 2);
        process::rewrite_log(client);
    }
    support::copy_folder(data / "appendonlydir", copy / "appendonlydir");
    check_refused(refusal(data.path()),
                  {"appendonly.aof.2.base.rdb", "'my list'", "db 0", "list", "offset "});
    const auto names = support::files_below(data / "appendonlydir");
    CHECK(names == support::files_below(copy / "appendonlydir"));
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK(support::read_text_file(log_path(data, name.c_str())) ==
              support::read_text_file(log_path(copy, name.c_str())));
    }
    auto redis = start_server(ServerKind::kRedis, data.path(), kRedisDefaults);
    CHECK(redis->connect().cmd({"LLEN", "my list"}).integer == 2);
}

TEST_CASE(
    "start: a base in RDB form that is cut, damaged or empty is refused, whatever the settings") {
    const TempFolder data;
    {
        auto redis = start_server(ServerKind::kRedis, data.path(), kRedisDefaults);
        Client client = redis->connect();
        REQUIRE(client.cmd({"SET", "a", "some value"}).ok());
        process::rewrite_log(client);
    }
    const std::string path = log_path(data, "appendonly.aof.2.base.rdb");
    const std::string whole = support::read_text_file(path);
    std::string damaged = whole;
    damaged[whole.find("some value")] ^= 1;
    support::write_text_file(path, damaged);
    check_refused(refusal(data.path()), {path, "offset", "checksum"});
    support::write_text_file(path, whole.substr(0, whole.size() - 9));
    check_refused(refusal(data.path(), {"--aof-load-truncated", "yes"}), {path, "ends early"});
    support::write_text_file(path, "");
    check_refused(refusal(data.path()), {path, "RDB"});
    support::write_text_file(path, whole);
    auto server = start_server(ServerKind::kTidemark, data.path());
    CHECK(server->connect().cmd({"GET", "a"}).text == "some value");
}

}  // namespace tidemark
