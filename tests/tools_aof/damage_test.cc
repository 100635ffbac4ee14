// Damage at every place of a small log: what fix and salvage leave of it.
#include <doctest/doctest.h>

#include <set>

#include "aof/codec/annotation.h"
#include "aof/group_buffer.h"
#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;

std::string plain_log() {
    return record({"SELECT", "0"}) + record({"SET", "a", "1"}) + record({"SET", "bb", "22"}) +
           record({"MULTI"}) + record({"SET", "c", "3"}) + record({"SELECT", "1"}) +
           record({"SET", "d", "4"}) + record({"EXEC"}) + "#TS:1700000000\r\n" +
           record({"SET", "e", "5"}) + record({"DEL", "e"}) + record({"SET", "f", ""});
}

// As the server writes it: a group for each of several keys, a transaction, a clean stop.
std::string sealed_log() {
    aof::GroupBuffer groups(0);
    const auto add = [&](int db, std::vector<std::string_view> args) {
        groups.append({db, args, {}});
    };
    add(0, {"SET", "a", "1"});
    add(0, {"SET", "b", "22"});
    groups.close_group(0, 0);
    add(0, {"SET", "c", "333"});
    groups.close_group(0, 0);
    groups.begin_transaction();
    add(0, {"SET", "d", "4"});
    add(2, {"SET", "e", "5"});
    groups.end_transaction();
    groups.close_group(0, 0);
    add(2, {"SET", "f", "6"});
    groups.close_group(0, 0);
    std::string file(groups.segment(0));
    std::string seal(aof::kSealBytes, '\0');
    aof::write_seal(seal.data(), file.size(), file.size(), {});
    return file + seal;
}

Data data_of(const std::string& bytes) {
    Data data;
    replay_file(bytes, data);
    return data;
}

// A single file in `dir`, mended by `mode` into the file `out`; what came of it.
std::string mended(const TempFolder& dir, const char* mode, const std::string& bytes, int* exit) {
    write_text_file(dir / "log", bytes);
    fs::remove(dir / "out");
    *exit = run_aof_check({mode, dir / "log", "-o", dir / "out"}).exit;
    return *exit == 0 ? bytes : read_text_file(dir / "out");
}

// A redis-server that loads one log after the other, each of them once.
class RedisLoads {
public:
    RedisLoads()
        : folder_(make_log(dir_, {record({"SELECT", "0"})})),
          server_(support::start_server(support::ServerKind::kRedis, dir_.path(),
                                        {"--appendonly", "yes", "--enable-debug-command", "yes"})),
          client_(server_->connect()) {}

    // It takes the log, and holds exactly this afterwards. (A refusal ends the server.)
    void check(const std::string& log, const Data& data) {
        if (!seen_.insert(log).second) return;
        CAPTURE(log);
        write_text_file(folder_ + "/appendonly.aof.1.incr.aof", log);
        REQUIRE(client_.cmd({"DEBUG", "LOADAOF"}).ok());
        int64_t keys = 0;
        for (const char* db : {"0", "1", "2"}) {
            client_.cmd({"SELECT", db});
            keys += client_.cmd({"DBSIZE"}).integer;
        }
        CHECK(keys == static_cast<int64_t>(data.size()));
        for (const auto& [key, value] : data) {
            client_.cmd({"SELECT", key.substr(0, 1)});
            CHECK(client_.cmd({"GET", key.substr(2)}).text == value);
        }
    }
    size_t count() const { return seen_.size(); }

private:
    TempFolder dir_;
    std::string folder_;
    std::unique_ptr<support::ServerProcess> server_;
    support::Client client_;
    std::set<std::string> seen_;
};

// A few edits at random places, the same for the same seed.
class Mutator {
public:
    explicit Mutator(std::string original) : original_(std::move(original)) {}

    std::string next() {
        std::string mutant = original_;
        for (uint64_t edits = 1 + random(2); edits > 0; --edits) {
            const size_t at = random(mutant.size());
            switch (random(4)) {
                case 0:
                    mutant[at] = static_cast<char>(random(256));
                    break;
                case 1:
                    mutant.erase(at, 1 + random(8));
                    break;
                case 2:
                    mutant.insert(at, mutant.substr(random(mutant.size()), 1 + random(40)));
                    break;
                default:
                    mutant[at] = mutant[random(mutant.size())];
            }
        }
        return mutant;
    }

private:
    uint64_t random(uint64_t below) {
        seed_ = seed_ * 6364136223846793005 + 1442695040888963407;
        return (seed_ >> 33) % below;
    }

    std::string original_;
    uint64_t seed_ = 1;
};

}  // namespace

TEST_CASE("tools_aof/damage: cut at any byte, fix leaves the longest valid beginning") {
    const TempFolder dir;
    RedisLoads redis;
    for (const std::string& log : {plain_log(), sealed_log()}) {
        for (size_t cut = 0; cut <= log.size(); ++cut) {
            CAPTURE(cut);
            int exit = -1;
            const std::string fixed = mended(dir, "fix", log.substr(0, cut), &exit);
            CHECK((exit == 0 || exit == 4 || exit == 5));
            CHECK(log.starts_with(fixed));
            CHECK(data_of(fixed) == data_of(log.substr(0, cut)));
            redis.check(fixed, data_of(fixed));
            CHECK(run_aof_check({dir / (exit == 0 ? "log" : "out")}).exit == 0);
            // Again: nothing to do.
            int again = -1;
            CHECK(mended(dir, "fix", fixed, &again) == fixed);
            CHECK(again == 0);
        }
    }
    CHECK(redis.count() >= 15);  // places where they may end
}

TEST_CASE(
    "tools_aof/damage: a wrong byte anywhere in a sealed log costs nothing: it is put right") {
    const TempFolder dir;
    const std::string log = sealed_log();
    const Data original = data_of(log);
    REQUIRE(original.size() == 6);
    RedisLoads redis;
    for (size_t at = 0; at < log.size(); ++at) {
        CAPTURE(at);
        std::string wrong = log;
        wrong[at] = static_cast<char>(wrong[at] ^ (1 << (at % 8)));
        int exit = -1;
        const std::string saved = mended(dir, "salvage", wrong, &exit);
        CHECK(exit == 4);
        CHECK(data_of(saved) == original);
        redis.check(saved, original);
        CHECK(run_aof_check({dir / "out"}).exit == 0);
    }
}

TEST_CASE("tools_aof/damage: two wrong bytes cost the piece, or nothing that was not in it") {
    const TempFolder dir;
    const std::string log = sealed_log();
    const Data original = data_of(log);
    RedisLoads redis;
    for (size_t at = 0; at + 3 < log.size(); ++at) {
        CAPTURE(at);
        std::string wrong = log;
        wrong[at] = static_cast<char>(wrong[at] ^ 4);
        wrong[at + 3] = static_cast<char>(wrong[at + 3] ^ 1);
        int exit = -1;
        const std::string log_saved = mended(dir, "salvage", wrong, &exit);
        const Data saved = data_of(log_saved);
        redis.check(log_saved, saved);
        CHECK((exit == 0 || exit == 4 || exit == 5));
        // At most two pieces are touched, which lie side by side: of three keys together.
        CHECK(saved.size() + 3 >= original.size());
    }
}

TEST_CASE("tools_aof/damage: a wrong byte anywhere in a log without seals costs its own record") {
    const TempFolder dir;
    std::string log = record({"SELECT", "0"});
    for (int i = 0; i < 12; ++i) log += record({"SET", "key" + std::to_string(i), "value"});
    const Data original = data_of(log);
    RedisLoads redis;
    for (size_t at = 23; at < log.size(); ++at) {
        CAPTURE(at);
        std::string wrong = log;
        wrong[at] = '!';
        int exit = -1;
        const std::string log_saved = mended(dir, "salvage", wrong, &exit);
        const Data saved = data_of(log_saved);
        redis.check(log_saved, saved);
        size_t same = 0;
        for (const auto& [key, value] : original) same += saved.contains(key) ? 1 : 0;
        CHECK(same + 1 >= original.size());
    }
}

TEST_CASE("tools_aof/damage: a damaged transaction goes as a whole, its neighbours stay") {
    const TempFolder dir;
    const std::string set = record({"SET", "x", "1"});
    const std::string before = record({"SELECT", "0"}) + record({"SET", "a", "1"});
    const std::string inside = record({"SET", "b", "2"}) + "garbage" + record({"SET", "c", "3"}) +
                               record({"SET", "d", "4"}) + set + set;
    const std::string after = record({"SET", "e", "5"}) + set;
    int exit = -1;
    const std::string log = before + record({"MULTI"}) + inside + record({"EXEC"}) + after;
    CHECK(mended(dir, "salvage", log, &exit) == before + after);
    CHECK(exit == 5);
    // The same where the garbage has swallowed the MULTI.
    const std::string begun = before + "garbage" + set + set + set + set + record({"EXEC"}) + after;
    CHECK(mended(dir, "salvage", begun, &exit) == before + after);
}

TEST_CASE("tools_aof/damage: records behind a gap go where --db-after-gap says") {
    const TempFolder dir;
    const std::string log = record({"SELECT", "3"}) + record({"SET", "a", "1"}) + "garbage" +
                            record({"SET", "b", "2"}) + record({"SET", "c", "3"}) +
                            record({"SELECT", "5"}) + record({"SET", "d", "4"});
    write_text_file(dir / "log", log);
    CHECK(run_aof_check({"salvage", dir / "log", "-o", dir / "keep"}).exit == 5);
    CHECK(data_of(read_text_file(dir / "keep")).contains("3/b"));
    CHECK(run_aof_check({"salvage", "--db-after-gap", "7", dir / "log", "-o", dir / "7"}).exit ==
          5);
    const Data assumed = data_of(read_text_file(dir / "7"));
    CHECK(assumed.contains("7/b"));
    CHECK(assumed.contains("5/d"));
    const ToolRun parked =
        run_aof_check({"salvage", "--db-after-gap", "park", dir / "log", "-o", dir / "park"});
    CHECK(parked.exit == 5);
    CHECK(data_of(read_text_file(dir / "park")).size() == 2);
    CHECK(data_of(read_text_file(dir / "park.parked.aof")).contains("0/b"));
    CHECK(run_aof_check({"salvage", "--db-after-gap", "16", dir / "log", "-o", dir / "x"}).exit ==
          2);
}

TEST_CASE("tools_aof/damage: several threads come to the verdict of one") {
    const TempFolder dir;
    std::string log = record({"SELECT", "0"});
    const std::string value(900'000, 'v');
    for (int i = 0; i < 60; ++i) {
        if (i % 7 == 0) log += record({"MULTI"});
        log += record({"SET", "k" + std::to_string(i), value});
        if (i % 7 == 3) log += record({"EXEC"});
    }
    for (const bool torn : {false, true}) {
        write_text_file(dir / "log", torn ? log.substr(0, log.size() - 5) : log);
        const ToolRun one = run_aof_check({"-j1", dir / "log"});
        const ToolRun three = run_aof_check({"-j3", dir / "log"});
        CHECK(one.exit == (torn ? 1 : 0));
        CHECK(one.out == three.out);
    }
}

TEST_CASE("tools_aof/damage: anything at all is input, and gets a verdict") {
    const TempFolder dir;
    const std::string nothing_good[] = {"",
                                        "\n",
                                        "x",
                                        "*",
                                        "*1",
                                        "REDIS",
                                        "REDIS0011",
                                        "file ",
                                        std::string(70'000, '\0'),
                                        std::string(70'000, '*'),
                                        std::string(5000, '#'),
                                        "#TM:" + std::string(100, '0'),
                                        "\x1f\x8b\x08",
                                        "{\"json\": 1}",
                                        "*1\r\n$99999999999\r\n",
                                        "*99999999\r\n"};
    for (const std::string& bytes : nothing_good) {
        CAPTURE(bytes.substr(0, 20));
        write_text_file(dir / "log", bytes);
        for (const char* mode : {"check", "stats"}) {
            const ToolRun run = run_aof_check({mode, dir / "log"});
            CHECK((run.exit == 0 || run.exit == 1 || run.exit == 3));
            CHECK(!run.last_line().empty());
        }
        const ToolRun fix = run_aof_check({"fix", dir / "log", "-o", dir / "out"});
        CHECK(fix.exit >= 0);
        fs::remove(dir / "out");
        const ToolRun salvage = run_aof_check({"salvage", dir / "log", "-o", dir / "out"});
        CHECK(salvage.exit >= 0);
        fs::remove(dir / "out");
        CHECK(read_text_file(dir / "log") == bytes);
    }
    CHECK(run_aof_check({dir / "nosuch"}).exit == 3);
    CHECK(run_aof_check({dir.path()}).exit == 3);  // a folder without a log
    CHECK(run_aof_check({"nosuchmode"}).exit == 2);
    CHECK(run_aof_check({"until", dir / "log"}).exit == 2);
}

TEST_CASE("tools_aof/damage: a file that is no log is not mended to an empty one") {
    const TempFolder dir;
    for (const std::string& bytes : {read_text_file("/bin/ls"), std::string("some text\n")}) {
        write_text_file(dir / "file", bytes);
        const ToolRun check = run_aof_check({dir / "file"});
        CHECK(check.exit == 1);
        CHECK(check.says("it is no log at all"));
        for (const char* mode : {"fix", "salvage"}) {
            const ToolRun run = run_aof_check({mode, dir / "file", "-o", dir / "out"});
            CHECK(run.exit == 1);
            CHECK(run.says("file is no log"));
            CHECK_FALSE(fs::exists(dir / "out"));
        }
        CHECK(run_aof_check({"tail", "-f", "--for", "0.01", dir / "file"}).exit == 1);
    }
}

TEST_CASE("tools_aof/damage: of a torn end nobody knows whether it was promised, without seals") {
    const TempFolder dir;
    const std::string plain = plain_log();
    const std::string sealed = sealed_log();
    const auto says = [&](const std::string& log, const char* what) {
        for (const char* mode : {"fix", "salvage"}) {
            write_text_file(dir / "log", log);
            fs::remove(dir / "out");
            CHECK(run_aof_check({mode, "--json", dir / "log", "-o", dir / "out"}).says(what));
        }
    };
    says(plain.substr(0, plain.size() - 2), "\"was_promised\":null");
    says(sealed.substr(0, sealed.size() - aof::kSealBytes - 2), "\"was_promised\":false");
    says(plain.substr(0, plain.size() - 2), "\"lost_bytes\":");
}

TEST_CASE("tools_aof/mutations: what is called clean, redis-server loads") {
    const TempFolder dir;
    std::string log = plain_log();
    for (int i = 0; i < 8; ++i) log += record({"SET", "k" + std::to_string(i), "some value"});
    log += record({"RPUSH", "l", "a"}) + record({"EXPIRE", "a", "1000"}) + record({"INCR", "n"});
    const std::string folder = make_log(dir, {log});
    auto redis = support::start_server(support::ServerKind::kRedis, dir.path(),
                                       {"--appendonly", "yes", "--enable-debug-command", "yes"});
    support::Client client(redis->endpoint());
    Mutator mutator(log);
    int clean = 0;
    const int rounds = support::rounds(400, 20'000);
    for (int i = 0; i < rounds; ++i) {
        const std::string mutant = mutator.next();
        write_text_file(dir / "mutant", mutant);
        if (run_aof_check({dir / "mutant"}).exit != 0) continue;
        ++clean;
        write_text_file(folder + "/appendonly.aof.1.incr.aof", mutant);
        // A refusal ends the server.
        const support::Reply reply = client.cmd({"DEBUG", "LOADAOF"});
        CAPTURE(mutant);
        REQUIRE(reply.ok());
    }
    CHECK(clean > rounds / 20);
}

TEST_CASE("tools_aof/starts: where our server starts and where it does not, the tool knows") {
    const std::string plain = plain_log();
    const std::string sealed = sealed_log();
    const std::string open_sealed = sealed.substr(0, sealed.size() - aof::kSealBytes);
    const auto flipped = [](std::string bytes, size_t at) {
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        return bytes;
    };
    std::string killed = open_sealed;
    killed.resize(aof::fill_boundary_after(killed.size()));
    aof::write_fill(killed.data() + open_sealed.size(), open_sealed.size(), killed.size());
    const struct {
        const char* what;
        std::string log;
        bool has_seals;
        bool starts;
    } table[] = {
        {"nothing", "", false, true},
        {"as it was written", plain, false, true},
        {"torn", plain.substr(0, plain.size() - 5), false, true},
        {"an open transaction", plain.substr(0, plain.find("*1\r\n$4\r\nEXEC")), false, true},
        {"NUL bytes", plain + std::string(5000, '\0'), false, false},
        {"garbage", plain + "garbage\r\n", false, false},
        {"garbage in the middle", "x" + plain, false, false},
        {"EXEC alone", plain + record({"EXEC"}), false, false},
        {"MULTI in MULTI", plain + record({"MULTI"}) + record({"MULTI"}), false, false},
        {"no such command", plain + record({"NOSUCH", "x"}), false, false},
        {"too few arguments", plain + record({"SET", "x"}), false, false},
        {"a database too far", plain + record({"SELECT", "16"}), false, false},
        {"a negative length", plain + "*2\r\n$-1\r\n", false, false},
        {"sealed, stopped", sealed, true, true},
        {"sealed, stopped, then written by redis-server", sealed + plain, true, true},
        {"sealed, killed", killed, true, true},
        {"sealed, the last group torn", open_sealed.substr(0, open_sealed.size() - 3), true, true},
        {"sealed, the last group wrong and never promised",
         flipped(open_sealed, open_sealed.size() - 4), true, true},
        {"sealed, the last group wrong, and it was durable",
         flipped(sealed, open_sealed.size() - 4), true, false},
        {"sealed, the first byte wrong, and it was durable", flipped(sealed, 0), true, false},
        {"sealed, without its first piece: no seal is where it says",
         sealed.substr(sealed.find("#TM:", 1)), true, false},
        {"seals promised, written by redis-server alone", plain, true, true},
    };
    for (const auto& one : table) {
        CAPTURE(one.what);
        const TempFolder dir;
        make_log(dir, {one.log}, one.has_seals);
        const ToolRun run = run_aof_check({"--json", dir.path()});
        CAPTURE(run.out);
        CHECK(run.says("\"server_starts\":true") == one.starts);
        if (!one.starts) CHECK(run.exit == 1);
        support::ServerProcess server(support::ServerKind::kTidemark, dir.path(), {});
        CHECK(server.wait_ready() == one.starts);
    }
}

TEST_CASE("tools_aof/mutations: our server starts exactly where the tool says so") {
    Mutator plain(plain_log());
    Mutator sealed(sealed_log());
    int starts = 0;
    const int rounds = support::rounds(40, 3000);
    for (int i = 0; i < rounds; ++i) {
        const bool with_seals = i % 2 == 1;
        const std::string mutant = with_seals ? sealed.next() : plain.next();
        CAPTURE(mutant);
        const TempFolder dir;
        make_log(dir, {mutant}, with_seals);
        const bool says = run_aof_check({"--json", dir.path()}).says("\"server_starts\":true");
        support::ServerProcess server(support::ServerKind::kTidemark, dir.path(), {});
        const bool does = server.wait_ready();
        // Argued: a command of Redis's that this server does not have yet is no damage.
        if (server.output().find("does not know yet") != std::string::npos) continue;
        CHECK(does == says);
        starts += does ? 1 : 0;
    }
    // Bytes put into a sealed log, or taken out, are damage as long as a whole seal follows: of few
    // rounds it may be that none starts.
    if (rounds >= 300) CHECK(starts > rounds / 40);
    CHECK(starts < rounds);
}

}  // namespace tidemark::aof_check
