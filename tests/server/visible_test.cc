// What a client has seen stays, its own writes and everybody else's: commands run through the real
// dispatcher and keyspace into the real log on a disk that forgets, replies are seen when their
// offset is released, the power goes, and what comes back is held against what was seen.
//
// Values are numbers that rise with each write, so "seen" is a number too. TIDEMARK_FULL=1 runs
// 100,000 seeds; TIDEMARK_SEED=n runs that one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "aof/log.h"
#include "aof/recovery.h"
#include "tests/support/in_process.h"
#include "tests/support/server_process.h"
#include "tests/support/sim_disk.h"

using namespace tidemark;
using namespace tidemark::test;
using namespace tidemark::testing;

namespace {

constexpr int kKeys = 6;

// Of one key: the numbers that were written, which of them were deletions, the newest one seen.
struct KeyHistory {
    std::map<uint64_t, bool> writes;  // number -> it was a deletion
    uint64_t seen = 0;
};
using History = std::map<std::string, KeyHistory>;

std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

class Replayed final : public aof::ReplayTarget {
public:
    explicit Replayed(InProcess& server) : server_(server) {}

    Status apply(std::span<const std::span<const std::string_view>> commands,
                 size_t* failed) override {
        for (*failed = 0; *failed < commands.size(); ++*failed) {
            const auto& args = commands[*failed];
            if (args[0] == "SELECT" || args[0] == "select") continue;  // one database is used
            if (!server_.replay({0, {args.begin(), args.end()}})) {
                return fail(ErrorCode::kCorrupt, "cannot be replayed");
            }
        }
        return {};
    }
    Status load_rdb(io::File&, uint64_t*) override { return fail(ErrorCode::kUnsupported, "rdb"); }
    Status on_progress(uint64_t, uint64_t) override { return {}; }

private:
    InProcess& server_;
};

// One life of a server, from its start to the power cut.
class Life final : public aof::Log::Observer {
public:
    Life(SimDisk& disk, Random& random, History& history, uint64_t& number)
        : disk_(disk), random_(random), history_(history), number_(number), logger_(clock_) {
        logger_.set_level(LogLevel::kNothing);
    }

    // Empty: came back with everything that had been seen.
    std::string start() {
        Replayed target(server_);
        aof::RecoveryReport report;
        auto folder = aof::recover(disk_, logger_, aof::RecoveryOptions{}, target, report);
        if (!folder) return disk_.power_is_off() ? "" : "refused: " + folder.error().what;
        server_.database_set().set_replaying(false);
        for (int key = 0; key < kKeys; ++key) {
            std::string wrong = compare(name(key));
            if (!wrong.empty()) return wrong;
        }
        aof::Log::Options options;
        options.window_bytes = 2048;
        log_ =
            std::make_unique<aof::Log>(disk_, clock_, logger_, std::move(*folder), options, *this);
        server_.database_set().set_sink(*log_);
        return {};
    }

    void live() {
        if (log_ == nullptr) return;
        for (uint64_t turn = 5 + random_.below(30); turn > 0 && !disk_.power_is_off(); --turn) {
            for (uint64_t i = random_.below(6); i > 0 && log_->writable(); --i) one_command();
            log_->end_of_turn();
            for (uint64_t i = random_.below(3); i > 0 && !disk_.power_is_off(); --i) {
                disk_.step(random_);
            }
            if (disk_.power_is_off()) return;
            see_released();
            if (random_.one_in(15)) log_->start_next_increment();
            if (random_.one_in(3)) log_->tick();
        }
    }

    void on_released() override {}
    void on_writable_changed() override {}

private:
    // A reply that waits: whoever gets it knows that `key` has come as far as `number`.
    struct Reply {
        uint64_t depends_on;
        std::string key;
        uint64_t number;
    };

    static std::string name(int key) { return "key" + std::to_string(key); }

    void one_command() {
        const std::string key = name(static_cast<int>(random_.below(kKeys)));
        switch (random_.below(6)) {
            case 0:
                return write(key, {"DEL", key}, true);
            case 1:
                return transaction();
            case 2:
            case 3:
                return write(key, {"SET", key, std::to_string(number_ + 1)}, false);
            default:
                return read(key);
        }
    }

    void write(const std::string& key, const InProcess::Words& words, bool deletes) {
        const std::string reply = server_.run(words);
        if (deletes && reply == ":0\r\n") return read_reply(key, "$-1\r\n");
        history_[key].writes[++number_] = deletes;
        replies_.push_back({server_.last_dependency(), key, number_});
    }

    void transaction() {
        server_.run({"MULTI"});
        const uint64_t count = 1 + random_.below(3);
        for (uint64_t i = 0; i < count; ++i) {
            server_.run({"SET", name(static_cast<int>(i)), std::to_string(number_ + 1 + i)});
        }
        server_.run({"EXEC"});
        for (uint64_t i = 0; i < count; ++i) {
            history_[name(static_cast<int>(i))].writes[++number_] = false;
            replies_.push_back({server_.last_dependency(), name(static_cast<int>(i)), number_});
        }
    }

    void read(const std::string& key) { read_reply(key, server_.run({"GET", key})); }

    void read_reply(const std::string& key, const std::string& reply) {
        const auto& writes = history_[key].writes;
        if (writes.empty()) return;
        const auto& [newest, deleted] = *writes.rbegin();
        CHECK(reply == (deleted ? "$-1\r\n" : bulk(std::to_string(newest))));
        replies_.push_back({server_.last_dependency(), key, newest});
    }

    void see_released() {
        std::erase_if(replies_, [&](const Reply& reply) {
            if (reply.depends_on > log_->released_offset()) return false;
            KeyHistory& key = history_[reply.key];
            key.seen = std::max(key.seen, reply.number);
            return true;
        });
    }

    // What came back must be something that was written, not older than what was seen. From then on
    // it is the truth: later writes were never seen and are forgotten.
    std::string compare(const std::string& key) {
        KeyHistory& past = history_[key];
        const std::string reply = server_.run({"GET", key});
        uint64_t found = 0;
        for (const auto& [number, deleted] : past.writes) {
            const bool fits = reply == (deleted ? "$-1\r\n" : bulk(std::to_string(number)));
            if (fits && (found == 0 || number <= past.seen || found < past.seen)) found = number;
        }
        if (past.writes.empty() || (found == 0 && past.seen == 0 && reply == "$-1\r\n")) {
            past.writes.clear();
            return {};
        }
        if (found < past.seen || found == 0) {
            return key + " came back as " + reply + " but " + std::to_string(past.seen) +
                   " had been seen";
        }
        past.writes.erase(past.writes.upper_bound(found), past.writes.end());
        past.seen = found;
        return {};
    }

    SimDisk& disk_;
    Random& random_;
    History& history_;
    uint64_t& number_;
    ManualClock clock_;
    Logger logger_;
    InProcess server_;
    std::unique_ptr<aof::Log> log_;
    std::deque<Reply> replies_;
};

std::string run_seed(uint64_t seed) {
    Random random(seed);
    SimDisk disk;
    static_cast<void>(disk.make_folder("."));
    History history;
    uint64_t number = 0;
    for (int lives = 0; lives < 3; ++lives) {
        disk.set_fault(SimDisk::Fault::kPower, disk.io_count() + random.below(120));
        {
            Life life(disk, random, history, number);
            const std::string wrong = life.start();
            if (!wrong.empty()) return wrong;
            life.live();
        }
        disk.crash(random);
        disk.clear_fault();
    }
    Life last(disk, random, history, number);
    return last.start();
}

}  // namespace

TEST_CASE("server/visible: nothing that a client has seen is undone by a power cut") {
    uint64_t first = 1;
    auto seeds = static_cast<uint64_t>(support::rounds(1'000, 100'000));
    if (const char* one = std::getenv("TIDEMARK_SEED")) {
        first = std::strtoull(one, nullptr, 10);
        seeds = 1;
    }
    for (uint64_t seed = first; seed < first + seeds; ++seed) {
        const std::string wrong = run_seed(seed);
        REQUIRE_MESSAGE(wrong.empty(), "seed " << seed << ": " << wrong);
    }
}
