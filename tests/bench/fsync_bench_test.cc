// Tests of bench/fsync-bench as a program: small runs against real servers, and what it leaves.
// Nothing here depends on how fast the machine is: counts, orders and what must be gone.
#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/stalling_server.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

using namespace tidemark::support;

namespace {

constexpr const char* kRedis = "/usr/bin/redis-server";
constexpr Milliseconds kRunLimit{100'000};
// One cut takes 0.2 s, and several times that beside two busy suites.
constexpr Milliseconds kCutLimit{2'000};
constexpr Milliseconds kPoll{20};

std::string program() {
    const char* path = std::getenv("TIDEMARK_FSYNC_BENCH");
    REQUIRE_MESSAGE(path != nullptr, "TIDEMARK_FSYNC_BENCH names no program");
    return path;
}

struct Outcome {
    int code = -1;
    std::string output;
};

// Data goes into `folder`.
std::vector<std::string> words(const std::string& folder, std::vector<std::string> more) {
    std::vector<std::string> all = {program(), "--dir", folder, "--quick"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

Outcome run(const std::vector<std::string>& all, Milliseconds limit = kRunLimit) {
    Outcome outcome;
    outcome.code = run_program(all, limit, &outcome.output).code;
    CAPTURE(outcome.output);
    return outcome;
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        names.push_back(entry.path().filename());
    }
    return names;
}

// Whether any process was started with this text in its command line.
bool somebody_runs(const std::string& text) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string line = read_text_file(entry.path().string() + "/cmdline");
        if (line.find(text) != std::string::npos) return true;
    }
    return false;
}

template <class Condition>
void wait_until(Condition&& holds) {
    constexpr int kPolls = 1'500;
    for (int i = 0; i < kPolls && !holds(); i++) {
        usleep(static_cast<useconds_t>(kPoll.count() * 1000));
    }
    CHECK(holds());
}

void check_nothing_left(const std::string& folder) {
    CHECK(names_in(folder).empty());
    CHECK_FALSE(somebody_runs(folder));
    CHECK(read_text_file("/proc/mounts").find(folder) == std::string::npos);
}

rapidjson::Document parse(const std::string& path) {
    rapidjson::Document document;
    document.Parse(read_text_file(path).c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
}

void check_percentiles(const rapidjson::Value& latency) {
    double before = 0;
    for (const char* name : {"p50_us", "p90_us", "p99_us", "p99.9_us", "p99.99_us", "max_us"}) {
        CHECK(latency[name].GetDouble() >= before);
        before = latency[name].GetDouble();
    }
    CHECK(before > 0);
}

void check_cell(const rapidjson::Value& cell) {
    CHECK_FALSE(cell.HasMember("failure"));
    CHECK(cell["ops_per_s"].GetDouble() > 0);
    CHECK(cell["server_cpu_us"].GetDouble() > 0);
    const uint64_t acknowledged = cell["acknowledged_writes"].GetUint64();
    // On a very slow machine the few requests of a mixed cell may all be of one kind.
    uint64_t replies = 0;
    for (const char* kind : {"reads", "writes"}) {
        if (!cell.HasMember(kind)) continue;
        check_percentiles(cell[kind]);
        replies += cell[kind]["count"].GetUint64();
    }
    CHECK(replies >= cell["clients"].GetUint64());
    CHECK((cell["reads_percent"].GetUint64() > 0 || replies == acknowledged));
    CHECK((cell.HasMember("writes") ? cell["writes"]["count"].GetUint64() : 0) == acknowledged);
    if (!cell.HasMember("log_groups") || acknowledged == 0) return;
    // Every group holds at least one write, every sync at least the seal of one.
    const uint64_t groups = cell["log_groups"].GetUint64();
    CHECK(groups > 0);
    CHECK(groups <= acknowledged + 1);
    CHECK(cell["log_group_bytes"].GetUint64() >= cell["acknowledged_bytes"].GetUint64() / 2);
}

bool have_redis() {
    if (access(kRedis, X_OK) == 0) return true;
    MESSAGE("skipped: no redis-server here");
    return false;
}

std::string write_script(const std::string& path, const std::string& text) {
    write_text_file(path, "#!/bin/sh\n" + text);
    chmod(path.c_str(), 0755);
    return path;
}

// One line that says what is wrong, and exit status 2.
void check_refused(const Outcome& outcome, const std::string& part) {
    CAPTURE(outcome.output);
    CHECK(outcome.code == 2);
    CHECK(outcome.output.find(part) != std::string::npos);
    CHECK(outcome.output.starts_with("fsync-bench: "));
    CHECK(outcome.output.find('\n') == outcome.output.size() - 1);
}

}  // namespace

TEST_CASE("bench/fsync: a quick run's counts add up and its files can be read") {
    if (!have_redis()) return;
    TempFolder folder;
    TempFolder results;
    const std::string json = results / "r.json";
    const std::string page = results / "r.html";
    const Outcome outcome =
        run(words(folder.path(), {"--policy", "always,off", "--loss", "kill", "--peer", kRedis,
                                  "--seconds", "0.05", "--json", json, "--report", page}));
    CAPTURE(outcome.output);
    REQUIRE(outcome.code == 0);
    check_nothing_left(folder.path());

    const rapidjson::Document all = parse(json);
    CHECK(all["disks"].Size() == 4);
    // Two servers, two policies, and of each: the base, another number of clients, another
    // pipeline, half reads, a fixed rate.
    CHECK(all["cells"].Size() == 2 * 2 * 5);
    for (const auto& cell : all["cells"].GetArray()) check_cell(cell);
    CHECK(all["losses"].Size() == 2);
    for (const auto& row : all["losses"].GetArray()) {
        CHECK(row["cuts"].GetUint64() == 1);
        CHECK(row["lost"].GetUint64() <= row["acknowledged"].GetUint64());
        if (row["server"].GetString() != std::string("ours")) continue;
        CHECK(row["lost"].GetUint64() == 0);
        if (row.HasMember("cuts_beyond_sync")) CHECK(row["cuts_beyond_sync"].GetUint64() == 0);
    }
    const std::string html = read_text_file(page);
    CHECK(html.find("</html>") != std::string::npos);
    CHECK(html.find("Throughput, appendfsync always") != std::string::npos);
    CHECK(html.find("src=\"http") == std::string::npos);
}

TEST_CASE("bench/fsync: what cannot be begun is one sentence and exit status 2") {
    TempFolder folder;
    const auto refused = [&](const std::vector<std::string>& more) {
        return run(words(folder.path(), more));
    };
    check_refused(refused({"--policy", "sometimes"}), "none of always, everysec, no, off");
    check_refused(refused({"--no-peer", "--ours", "/nonexistent/server"}), "/nonexistent/server");
    check_refused(refused({"--peer", "/bin/true"}), "/bin/true");
    check_refused(refused({"--peer", folder.path()}), folder.path());
    check_refused(refused({"--sync-delay", "5 parsecs"}), "5 parsecs");
    check_refused(refused({"--rate", "fast"}), "fast");
    check_refused(refused({"--loss", "maybe"}), "maybe");
    check_refused(refused({"--goals", "--no-peer"}), "--peer");
    check_refused(run({program(), "--dir", "/nonexistent"}), "/nonexistent");
    check_refused(refused({"--no-peer", "--json"}), "--json");
    check_nothing_left(folder.path());
}

TEST_CASE("bench/fsync: a folder in memory is refused, since a sync costs nothing there") {
    if (access("/dev/shm", W_OK) != 0) return;
    check_refused(run({program(), "--dir", "/dev/shm", "--no-peer"}), "tmpfs");
}

TEST_CASE("bench/fsync: a port that is taken is refused") {
    TempFolder folder;
    tidemark::bench::StallingServer server(0);
    REQUIRE(server.ready());
    const std::string port = std::to_string(server.port());
    check_refused(run(words(folder.path(), {"--no-peer", "--listen-port", port})), port);
    check_nothing_left(folder.path());
}

TEST_CASE("bench/fsync: a server that runs already is measured, without figures of its CPU") {
    TempFolder folder;
    TempFolder data;
    const auto server = start_server(ServerKind::kTidemark, data.path());
    const std::string port = std::to_string(server->tcp().port);
    const std::string json = folder / "figures.json";
    const auto small = [&](std::vector<std::string> more) {
        more.insert(more.end(), {"--port", port, "--clients", "2", "--pipeline", "1", "--value",
                                 "64", "--reads", "0", "--rate", "none", "--json", json});
        return run(words(folder.path(), more));
    };
    const Outcome measured = small({"--host", "127.0.0.1"});
    CHECK(measured.code == 0);
    CHECK(measured.output.find("running at 127.0.0.1:" + port) != std::string::npos);
    CHECK(measured.output.find("servers") == std::string::npos);
    const std::string figures = read_text_file(json);
    CHECK(figures.find("\"ops_per_s\"") != std::string::npos);
    CHECK(figures.find("server_cpu_us\"") == std::string::npos);
    // The keys that it wrote are keys like any other.
    check_refused(small({}), "--overwrite");
    CHECK(small({"--overwrite"}).code == 0);
}

TEST_CASE("bench/fsync: where no server runs, the refusal says so") {
    TempFolder folder;
    const std::string port = std::to_string(free_loopback_port());
    check_refused(run(words(folder.path(), {"--port", port})), "Connection refused");
    check_refused(run(words(folder.path(), {"--host", "nowhere.example"})), "nowhere.example");
    check_nothing_left(folder.path());
}

TEST_CASE(
    "bench/fsync: without root a power cut is refused, and kill -9 says what it does not show") {
    TempFolder folder;
    chmod(folder.path().c_str(), 0777);
    std::vector<std::string> as_nobody;
    if (geteuid() == 0) {
        as_nobody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
        std::vector<std::string> probe = as_nobody;
        probe.insert(probe.end(), {program(), "--help"});
        if (run(probe).code != 0) {
            MESSAGE("skipped: nobody but root can start the program here");
            return;
        }
    }
    const auto run_as_nobody = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all = as_nobody;
        for (const std::string& word : words(folder.path(), more)) all.push_back(word);
        return run(all);
    };
    const std::vector<std::string> small = {"--no-peer", "--policy", "always", "--clients", "2",
                                            "--reads",   "0",        "--rate", "none"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), small.begin(), small.end());
        return more;
    };
    check_refused(run_as_nobody(with({"--loss", "cut"})), "root");
    check_refused(run_as_nobody(with({"--sync-delay", "1ms"})), "root");
    const Outcome killed = run_as_nobody(with({"--loss"}));
    CAPTURE(killed.output);
    CHECK(killed.code == 0);
    CHECK(killed.output.find("not cut off from power") != std::string::npos);
    check_nothing_left(folder.path());
}

TEST_CASE("bench/fsync: a server that dies in the middle is reported and the rest goes on") {
    if (!have_redis()) return;
    TempFolder folder;
    TempFolder results;
    // It is killed once it has logged some writes: never while it is only looked at.
    const std::string peer =
        write_script(results / "dying-server",
                     "prev=; for a; do [ \"$prev\" = --dir ] && dir=$a; prev=$a; done\n"
                     "(while kill -0 $$ 2>/dev/null; do\n"
                     "  bytes=$(cat $dir/appendonlydir/*.incr.aof 2>/dev/null | wc -c)\n"
                     "  [ $bytes -gt 1000 ] && kill -9 $$\n"
                     "  sleep 0.02\ndone) &\n"
                     "exec " +
                         std::string(kRedis) + " \"$@\"\n");
    const std::string json = results / "r.json";
    const Outcome outcome = run(words(
        folder.path(), {"--policy", "no", "--loss", "off", "--peer", peer, "--reads", "0", "--rate",
                        "none", "--clients", "4", "--seconds", "0.5", "--json", json}));
    CAPTURE(outcome.output);
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("the server died, killed by signal 9") != std::string::npos);
    const rapidjson::Document all = parse(json);
    int ours = 0;
    int failed = 0;
    for (const auto& cell : all["cells"].GetArray()) {
        ours += cell["server"].GetString() == std::string("ours") && !cell.HasMember("failure");
        failed += cell.HasMember("failure");
    }
    CHECK(ours == 2);
    CHECK(failed >= 1);
    // The script's own watchers see that their server is gone.
    wait_until([&] { return !somebody_runs(peer); });
    check_nothing_left(folder.path());
}

TEST_CASE("bench/fsync: SIGINT ends it with a report and nothing left") {
    TempFolder folder;
    TempFolder results;
    const std::string output = results / "output";
    Process process(words(folder.path(), {"--no-peer", "--policy", "always", "--loss", "off",
                                          "--seconds", "600", "--rounds", "5"}),
                    output);
    // The servers that are looked at first are gone when the machine has been described; the next
    // ones are loaded.
    wait_until([&] {
        return read_text_file(output).find("machine") != std::string::npos &&
               somebody_runs("--dir" + std::string(1, '\0') + folder.path() + "/tidemark-bench-");
    });
    process.send_signal(SIGINT);
    const auto ended = process.wait_for(kRunLimit);
    CAPTURE(process.output());
    REQUIRE(ended);
    CHECK(ended->code == 1);
    CHECK(process.output().find("interrupted; this is what there was until then") !=
          std::string::npos);
    CHECK(process.output().find("prefilled overwrite") != std::string::npos);
    check_nothing_left(folder.path());
}

TEST_CASE(
    "bench/fsync: power cuts on a disk of its own lose nothing that always had acknowledged") {
    if (geteuid() != 0 || access("/dev/loop-control", R_OK | W_OK) != 0) {
        MESSAGE("skipped: a power cut takes root and loop devices");
        return;
    }
    TempFolder folder;
    TempFolder results;
    const std::string json = results / "r.json";
    const int cuts = rounds(4, 200);
    const Outcome outcome =
        run(words(folder.path(), {"--no-peer", "--policy", "always", "--clients", "2", "--pipeline",
                                  "1", "--reads", "0", "--rate", "none", "--loss", "cut", "--cuts",
                                  std::to_string(cuts), "--json", json}),
            kRunLimit + cuts * kCutLimit);
    CAPTURE(outcome.output);
    if (outcome.output.find("power cuts FAILED") != std::string::npos) {
        MESSAGE("skipped: mounting a loop device is not allowed here");
        return;
    }
    REQUIRE(outcome.code == 0);
    const rapidjson::Document all = parse(json);
    const auto& row = all["losses"][0];
    CHECK(row["by"].GetString() == std::string("power cut"));
    CHECK(row["cuts"].GetInt() == cuts);
    CHECK(row["lost"].GetUint64() == 0);
    CHECK(row["not_recovered"].GetUint64() == 0);
    CHECK(row["acknowledged"].GetUint64() > 0);
    check_nothing_left(folder.path());
}

TEST_CASE("bench/fsync: on a slow disk every commit takes at least its delay") {
    if (geteuid() != 0 || access("/dev/fuse", R_OK | W_OK) != 0 ||
        access((program().substr(0, program().rfind('/')) + "/delay-fs").c_str(), X_OK) != 0) {
        MESSAGE("skipped: a slow disk takes root, /dev/fuse and delay-fs");
        return;
    }
    TempFolder folder;
    TempFolder results;
    const std::string json = results / "r.json";
    const Outcome outcome =
        run(words(folder.path(),
                  {"--no-peer", "--policy", "off", "--clients", "2", "--pipeline", "1", "--reads",
                   "0", "--rate", "none", "--loss", "off", "--sync-delay", "3ms", "--json", json}));
    CAPTURE(outcome.output);
    if (outcome.output.find("3 ms a sync FAILED") != std::string::npos) {
        MESSAGE("skipped: mounting is not allowed here");
        return;
    }
    REQUIRE(outcome.code == 0);
    const rapidjson::Document all = parse(json);
    int slow = 0;
    for (const auto& disk : all["disks"].GetArray()) {
        if (disk["disk"].GetString() != std::string("3 ms a sync")) continue;
        slow++;
        CHECK(disk["latency"]["p50_us"].GetDouble() >= 3'000);
    }
    CHECK(slow == 4);
    for (const auto& cell : all["cells"].GetArray()) {
        if (cell["disk"].GetString() != std::string("3 ms a sync")) continue;
        CHECK(cell["policy"].GetString() == std::string("always"));
        if (!cell.HasMember("writes")) continue;  // the few requests of a mixed cell
        CHECK(cell["writes"]["p50_us"].GetDouble() >= 3'000);
    }
    check_nothing_left(folder.path());
}
