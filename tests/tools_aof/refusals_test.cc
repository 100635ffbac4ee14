// Every command that the server prints when it refuses to start, run as printed in a shell; then
// the server starts. And the examples of the man page.
#include <doctest/doctest.h>

#include <sstream>

#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;
using support::ServerProcess;

// `command` in a shell, with this build's aof-check first in PATH.
int in_shell(const std::string& folder, const std::string& command, std::string* output) {
    const std::string tools = fs::path(TIDEMARK_AOF_CHECK).parent_path().string();
    return support::run_program(
               {"sh", "-c", "cd '" + folder + "' && PATH=" + tools + ":$PATH; " + command},
               support::Milliseconds(60'000), output)
        .code;
}

// A server's log of two lives: two keys, two increments.
void write_log(const std::string& dir) {
    for (int life = 0; life < 2; ++life) {
        auto redis = support::start_server(life == 0 ? ServerKind::kTidemark : ServerKind::kRedis,
                                           dir, {"--appendonly", "yes"});
        CHECK(redis->connect().cmd({"SET", "life" + std::to_string(life), "1"}).ok());
        redis->stop();
    }
    auto ours = support::start_server(ServerKind::kTidemark, dir);
    CHECK(ours->connect().cmd({"SET", "life2", "1"}).ok());
    ours->stop();
}

std::string path_in(const std::string& dir, const char* name) {
    return dir + "/appendonlydir/appendonly.aof" + name;
}

void append(const std::string& path, const std::string& bytes) {
    write_text_file(path, read_text_file(path) + bytes);
}

struct Refusal {
    const char* what;
    void (*provoke)(const std::string& dir);
    int64_t keys;  // that are there again afterwards
};

const Refusal kRefusals[] = {
    {"the manifest is gone", [](const std::string& dir) { fs::remove(path_in(dir, ".manifest")); },
     3},
    {"a line of the manifest is damaged",
     [](const std::string& dir) { append(path_in(dir, ".manifest"), "\n"); }, 3},
    {"an increment is gone",
     [](const std::string& dir) { fs::remove(path_in(dir, ".2.incr.aof")); }, 2},
    {"the base is gone", [](const std::string& dir) { fs::remove(path_in(dir, ".1.base.aof")); },
     3},
    {"the base is a damaged dump",
     [](const std::string& dir) {
         using namespace std::string_literals;
         std::string manifest = read_text_file(path_in(dir, ".manifest"));
         manifest.replace(manifest.find(".1.base.aof") + 8, 3, "rdb");
         write_text_file(path_in(dir, ".manifest"), manifest);
         // The value of b is longer than what is left.
         write_text_file(path_in(dir, ".1.base.rdb"),
                         "REDIS0011\xfe\0\0\1a\0011\0\1b\x3f\xff\0\0\0\0\0\0\0\0"s);
     },
     4},
    {"garbage in an increment that is not the last",
     [](const std::string& dir) { append(path_in(dir, ".1.incr.aof"), "garbage"); }, 2},
    {"a torn record in an increment that is not the last",
     [](const std::string& dir) { append(path_in(dir, ".1.incr.aof"), "*3\r\n$3\r\nSE"); }, 2},
    {"a byte under a seal that vouches for it",
     [](const std::string& dir) {
         std::string bytes = read_text_file(path_in(dir, ".2.incr.aof"));
         bytes[bytes.find("life2")] = 'x';
         write_text_file(path_in(dir, ".2.incr.aof"), bytes);
     },
     2},
    {"a command that nobody knows",
     [](const std::string& dir) {
         append(path_in(dir, ".1.incr.aof"), record({"NOSUCH", "x"}));
     },
     2},
    {"a command with too few arguments",
     [](const std::string& dir) {
         append(path_in(dir, ".1.incr.aof"), record({"SET", "x"}));
     },
     2},
};

// What stands behind the last "aof-check" of the server's output, as typed.
std::string printed_command(const std::string& output) {
    const size_t at = output.rfind("aof-check ");
    if (at == std::string::npos) return {};
    return output.substr(at, output.find('\n', at) - at);
}

}  // namespace

TEST_CASE("tools_aof/refusals: the command that the server prints works as printed") {
    const TempFolder root;
    write_log(root.path());
    for (const Refusal& refusal : kRefusals) {
        CAPTURE(refusal.what);
        const TempFolder dir;
        const std::string data = dir / "it's data";  // to be quoted
        support::copy_folder(root.path(), data);
        refusal.provoke(data);
        std::string said;
        {
            ServerProcess server(ServerKind::kTidemark, data, {});
            REQUIRE_FALSE(server.wait_ready());
            server.process().wait_for(support::Milliseconds(10'000));
            said = server.output();
        }
        CAPTURE(said);
        const std::string command = printed_command(said);
        REQUIRE_FALSE(command.empty());
        std::string output;
        const int code = in_shell(dir.path(), command, &output);
        CAPTURE(output);
        CHECK((code == 4 || code == 5));
        auto server = support::start_server(ServerKind::kTidemark, data);
        CHECK(server->connect().cmd({"DBSIZE"}).integer == refusal.keys);
        CHECK(server->stop().code == 0);
    }
}

// The one refusal without a command to run: no tool can mend what is whole.
TEST_CASE("tools_aof/refusals: a Redis command that the server lacks is not called damage") {
    const TempFolder dir;
    make_log(dir, {record({"SELECT", "0"}) + record({"GEOADD", "g", "13", "38", "here"})});
    CHECK(run_aof_check({dir.path()}).exit == 0);
    ServerProcess server(ServerKind::kTidemark, dir.path(), {});
    REQUIRE_FALSE(server.wait_ready());
    server.process().wait_for(support::Milliseconds(10'000));
    CHECK(server.output().find("does not know yet: the log is not damaged") != std::string::npos);
    CHECK(printed_command(server.output()).empty());
}

TEST_CASE("tools_aof/man: every example of the man page runs") {
    const std::string page = read_text_file(TIDEMARK_SOURCE_ROOT "/tools/man/aof-check.1");
    REQUIRE_FALSE(page.empty());
    std::istringstream lines(page);
    std::string line;
    int count = 0;
    while (std::getline(lines, line)) {
        if (!line.starts_with(".B aof-check ")) continue;
        line.erase(0, 3);
        for (size_t at = line.find('\\'); at != std::string::npos; at = line.find('\\', at + 1))
            line.erase(at, 1);
        CAPTURE(line);
        const TempFolder dir;
        const std::string time = "#TS:1700000000\r\n";
        const std::string later = "#TS:1800000000\r\n";
        make_log(dir, {time + record({"SELECT", "0"}) + record({"SET", "a", "1"}),
                       later + record({"SELECT", "0"}) + record({"SET", "b", "2"}) +
                           record({"FLUSHALL"}) + record({"SET", "c", "3"})});
        const bool wants_damage =
            line.find(" fix ") != std::string::npos || line.find(" salvage ") != std::string::npos;
        if (wants_damage) append(path_in(dir.path(), ".2.incr.aof"), "garbage");
        if (line.find("rebuild-manifest") != std::string::npos)
            fs::remove(path_in(dir.path(), ".manifest"));
        write_text_file(dir / "dump.rdb", std::string("REDIS0011\xff\0\0\0\0\0\0\0\0", 18));
        std::string output;
        const int code = in_shell(dir.path(), line, &output);
        CAPTURE(output);
        const bool dry = line.find("--dry-run") != std::string::npos;
        const bool rebuilt = line.find("rebuild") != std::string::npos;
        // The log flushes: what it holds then, its base does not say.
        const bool open = line.find(" verify ") != std::string::npos;
        CHECK(code == (dry ? 1 : wants_damage ? 5 : rebuilt ? 4 : open ? 7 : 0));
        ++count;
    }
    CHECK(count >= 8);  // one a mode
}

}  // namespace tidemark::aof_check
