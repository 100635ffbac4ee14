// A log on a simulated disk, with a keyspace of maps behind it: what the tests of this room share.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aof/log.h"
#include "aof/recovery.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/random.h"
#include "tests/support/sim_disk.h"

namespace tidemark::testing {

using Args = std::vector<std::string>;

// Enough of a keyspace to see which commands were replayed, in which order, in which database.
class MapKeyspace final : public aof::ReplayTarget {
public:
    std::map<int, std::map<std::string, std::string>> dbs;
    uint64_t calls = 0;

    size_t keys() const {
        size_t count = 0;
        for (const auto& [db, map] : dbs) count += map.size();
        return count;
    }

    Status apply(std::span<const std::span<const std::string_view>> commands,
                 size_t* failed) override {
        ++calls;
        for (size_t i = 0; i < commands.size(); ++i) {
            *failed = i;
            TM_CHECK(apply_one(commands[i]));
        }
        return {};
    }
    Status apply_one(std::span<const std::string_view> args) {
        std::string name(args[0]);
        for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (name == "SELECT") return select(args[1]);
        auto& map = dbs[db_];
        if (name == "SET") {
            map[std::string(args[1])] = std::string(args[2]);
        } else if (name == "INCR") {
            std::string& value = map[std::string(args[1])];
            value = std::to_string(parse_int64(value).value_or(0) + 1);
        } else if (name == "APPEND" || name == "RPUSH") {
            map[std::string(args[1])] += args[2];
        } else if (name == "DEL") {
            map.erase(std::string(args[1]));
        } else {
            return fail(ErrorCode::kInvalid, fmt::format("unknown command '{}'", args[0]));
        }
        return {};
    }
    Status load_rdb(io::File&, uint64_t*) override {
        return fail(ErrorCode::kUnsupported, "no reader for RDB bases here");
    }
    Status on_progress(uint64_t, uint64_t) override { return {}; }

private:
    Status select(std::string_view number) {
        const auto db = parse_int64(number);
        if (!db || *db < 0 || *db > 15) return fail(ErrorCode::kInvalid, "DB index out of range");
        db_ = static_cast<int>(*db);
        return {};
    }

    int db_ = 0;
};

// One life of a server's log: recovers the folder, then appends.
class LogRig final : public aof::Log::Observer {
public:
    SimDisk& disk;
    ManualClock& clock;
    Random random;
    Logger logger;
    MapKeyspace keyspace;
    aof::RecoveryReport report;
    std::unique_ptr<aof::Log> log;
    Error refusal;  // of the recovery
    int released = 0;
    int writable_changes = 0;

    LogRig(SimDisk& sim, ManualClock& hands, aof::Log::Options options = small_options(),
           uint64_t seed = 1)
        : disk(sim), clock(hands), random(seed), logger(hands) {
        logger.set_level(LogLevel::kNothing);
        REQUIRE(disk.make_folder(".").has_value());
        auto folder = aof::recover(disk, logger, aof::RecoveryOptions{}, keyspace, report);
        if (!folder) {
            refusal = folder.error();
            return;
        }
        log = std::make_unique<aof::Log>(disk, clock, logger, std::move(*folder), options, *this);
    }

    // A window of a few sectors, so that short tests reach its end.
    static aof::Log::Options small_options() {
        aof::Log::Options options;
        options.window_bytes = 4096;
        return options;
    }

    void on_released() override { ++released; }
    void on_writable_changed() override { ++writable_changes; }

    uint64_t append(int db, const Args& args) {
        std::vector<std::string_view> views(args.begin(), args.end());
        return log->append({db, views, {}});
    }
    void settle() {
        do {
            log->end_of_turn();
        } while (disk.step(random));
    }
};

inline std::string increment_path(uint64_t seq) {
    return "./appendonlydir/" + aof::increment_name("appendonly.aof", seq);
}
inline const std::string kManifestPath = "./appendonlydir/appendonly.aof.manifest";

}  // namespace tidemark::testing
