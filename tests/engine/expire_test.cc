#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/random.h"
#include "tests/engine/world.h"

namespace tidemark::engine {
namespace {

// Moves on by a microsecond each time it is asked.
class TickingClock final : public Clock {
public:
    int64_t unix_us() override { return ++now_; }
    int64_t monotonic_us() override { return ++now_; }

private:
    int64_t now_ = 0;
};

constexpr int64_t kStart = World::kStart;
constexpr int64_t kWholeRound = 1'000'000;

TEST_CASE("engine/expire: a read misses a key whose time has come, and its DEL follows") {
    World world;
    world.set("k", "v", Expiry::at(kStart + 100));
    world.sink.take();
    world.keyspace->set_now(kStart + 99);
    CHECK(world.get("k") == "v");
    CHECK_FALSE(world.keyspace->has_noted());
    world.keyspace->set_now(kStart + 100);
    CHECK(world.get("k") == "(nil)");
    CHECK(world.get("k") == "(nil)");
    CHECK(world.sink.take().empty());
    CHECK(world.keyspace->db(0).size() == 1);
    world.keyspace->expire_noted();
    CHECK(world.sink.take() == Strings{"0: DEL k"});
    CHECK(world.keyspace->db(0).size() == 0);
    CHECK(world.keyspace->stats().expired_keys == 1);
    CHECK(world.keyspace->stats().keyspace_misses == 2);
}

TEST_CASE("engine/expire: a noted key that was set anew is not deleted") {
    World world;
    world.set("k", "v", Expiry::at(kStart + 100));
    world.keyspace->set_now(kStart + 100);
    CHECK(world.get("k") == "(nil)");
    world.set("k", "w");
    world.keyspace->expire_noted();
    CHECK(world.get("k") == "w");
}

TEST_CASE("engine/expire: a write logs the DEL of the old key before its own record") {
    const auto written = [](auto&& body) {
        World world;
        world.set("k", "v", Expiry::at(kStart + 100), 2);
        world.set("l", "v", Expiry::none(), 2);
        world.sink.take();
        world.keyspace->set_now(kStart + 100);
        world.write(body, 2);
        return world.sink.take();
    };
    const Strings both{"2: DEL k", "2: CMD"};
    const Strings deletion{"2: DEL k"};
    CHECK(written([](WriteTxn& t) { t.set_string(t.key("k"), "w", Expiry::keep()); }) == both);
    CHECK(written([](WriteTxn& t) { t.set_integer(t.key("k"), 1); }) == both);
    CHECK(written([](WriteTxn& t) { CHECK(t.append_string(t.key("k"), "ab") == 2); }) == both);
    CHECK(written([](WriteTxn& t) { t.overwrite_string(t.key("k"), 1, "a"); }) == both);
    CHECK(written([](WriteTxn& t) { t.rename(t.key("l"), t.key("k")); }) == both);
    CHECK(written([](WriteTxn& t) { t.copy(t.key("l"), 2, t.key("k")); }) == both);
    CHECK(written([](WriteTxn& t) { CHECK_FALSE(t.erase(t.key("k"))); }) == deletion);
    CHECK(written([](WriteTxn& t) { CHECK_FALSE(t.clear_expire(t.key("k"))); }) == deletion);
    CHECK(written([](WriteTxn& t) { CHECK_FALSE(t.set_expire(t.key("k"), kStart * 2)); }) ==
          deletion);
    CHECK(written([](WriteTxn& t) { CHECK(t.find(t.key("k")) == nullptr); }) == deletion);
}

TEST_CASE("engine/expire: an expired key that is set with KEEPTTL has no expiry") {
    World world;
    world.set("k", "v", Expiry::at(kStart + 1));
    world.keyspace->set_now(kStart + 1);
    world.set("k", "w", Expiry::keep());
    CHECK(world.expire_at("k") == -1);
}

TEST_CASE("engine/expire: while a log is replayed nothing expires") {
    World world;
    world.set("k", "v", Expiry::at(kStart + 1));
    world.sink.take();
    world.keyspace->set_now(kStart + 1000);
    world.keyspace->set_replaying(true);
    TickingClock clock;
    world.keyspace->expire_slice(clock, kWholeRound);
    CHECK(world.get("k") == "v");
    world.write([](WriteTxn& txn) { txn.append_string(txn.key("k"), "+"); });
    CHECK(world.sink.take() == Strings{"0: CMD"});
    world.keyspace->set_replaying(false);
    CHECK(world.get("k") == "(nil)");
}

TEST_CASE("engine/expire: active expiry deletes what is due and nothing else") {
    World world;
    const int64_t hour = 3'600'000;
    for (int i = 0; i < 3000; ++i) {
        const std::string name = std::to_string(i);
        const Expiry expiry = i % 3 == 0   ? Expiry::none()
                              : i % 3 == 1 ? Expiry::at(kStart + i)
                                           : Expiry::at(kStart + i * hour);
        world.set(name, "v", expiry, i % 5);
    }
    world.sink.take();
    TickingClock clock;
    world.keyspace->set_now(kStart + 1500);
    world.keyspace->expire_slice(clock, kWholeRound);
    CHECK(world.keyspace->stats().expired_keys == 500);
    CHECK(world.sink.take().size() == 500);
    CHECK(world.get("1501", 1) == "v");
    // Ten slices a second from now on; the far ones are found when they come.
    for (int64_t now = kStart + 1500; now < kStart + 5 * hour; now += 10'000) {
        world.keyspace->set_now(now);
        world.keyspace->expire_slice(clock, kWholeRound);
    }
    CHECK(world.keyspace->stats().expired_keys == 1000 + 1);  // the one after two hours
    size_t left = 0;
    for (int db = 0; db < 5; ++db) left += world.keyspace->db(db).expires();
    CHECK(left == 999);
}

TEST_CASE("engine/expire: after a long pause active expiry finds everything") {
    for (const int64_t pause_ms : {300'000L, 600'000L, 1'100'000L, 2'000'000L, 2'097'152L,
                                   3'000'000L, 4'100'000L, 86'400'000L}) {
        World world;
        TickingClock clock;
        world.keyspace->expire_slice(clock, kWholeRound);
        for (int i = 0; i < 2000; ++i) {
            world.set(std::to_string(i), "v", Expiry::at(kStart + 1 + i * 300));
        }
        world.keyspace->set_now(kStart + pause_ms);
        world.keyspace->expire_slice(clock, kWholeRound);
        const int64_t due = std::min<int64_t>(2000, (pause_ms - 1) / 300 + 1);
        CAPTURE(pause_ms);
        CHECK(world.keyspace->stats().expired_keys == static_cast<uint64_t>(due));
    }
}

TEST_CASE("engine/expire: a slice ends when its budget is used up, and the next goes on") {
    World world;
    TickingClock clock;
    for (int i = 0; i < 50'000; ++i) world.set(std::to_string(i), "v", Expiry::at(kStart + 1));
    world.keyspace->set_now(kStart + 2000);
    world.keyspace->expire_slice(clock, 20);  // 20 looks at the clock
    const uint64_t first = world.keyspace->stats().expired_keys;
    CHECK(first > 0);
    CHECK(first < 25'000);
    CHECK(world.keyspace->stats().expired_time_cap_reached == 1);
    for (int i = 0; i < 20; ++i) world.keyspace->expire_slice(clock, 20);
    CHECK(world.keyspace->db(0).size() == 0);
}

TEST_CASE("engine/expire: switched off, active expiry leaves keys to those who read them") {
    World world;
    TickingClock clock;
    world.set("k", "v", Expiry::at(kStart + 1));
    world.keyspace->set_active_expire(false);
    world.keyspace->set_now(kStart + 5000);
    world.keyspace->expire_slice(clock, kWholeRound);
    CHECK(world.keyspace->db(0).size() == 1);
    CHECK(world.get("k") == "(nil)");
}

TEST_CASE("engine/expire: the average ttl is learned from the entries") {
    World world;
    TickingClock clock;
    CHECK(world.keyspace->db(0).avg_ttl_ms() == 0);
    for (int i = 0; i < 1000; ++i) world.set(std::to_string(i), "v", Expiry::at(kStart + 50'000));
    world.keyspace->expire_slice(clock, kWholeRound);
    CHECK(world.keyspace->db(0).avg_ttl_ms() == 50'000);
}

TEST_CASE("engine/expire: whoever watches a key learns that it expired, before or after EXEC") {
    World world;
    TickingClock clock;
    world.set("k", "v", Expiry::at(kStart + 1));
    Watcher watcher;
    Keyspace& keyspace = *world.keyspace;
    const Key key{"k", keyspace.hash("k")};
    keyspace.watch(watcher, 0, key);
    CHECK_FALSE(keyspace.any_watched_expired(watcher));
    keyspace.set_now(kStart + 2000);
    CHECK(keyspace.any_watched_expired(watcher));
    CHECK_FALSE(watcher.dirty);
    keyspace.expire_slice(clock, kWholeRound);
    CHECK(watcher.dirty);
    CHECK_FALSE(keyspace.any_watched_expired(watcher));
}

TEST_CASE("engine/expire: a key that was expired when WATCH came is not a change") {
    World world;
    world.set("k", "v", Expiry::at(kStart + 1));
    world.keyspace->set_now(kStart + 1);
    Watcher watcher;
    world.keyspace->watch(watcher, 0, {"k", world.keyspace->hash("k")});
    CHECK(world.get("k") == "(nil)");
    world.keyspace->expire_noted();
    CHECK_FALSE(watcher.dirty);
}

TEST_CASE("engine/expire: random writes, times and slices leave exactly the live keys") {
    World world;
    ManualClock clock;
    Random random(23);
    std::map<std::string, int64_t> model;  // name, expiry; 0 without
    int64_t now = kStart;
    for (int step = 0; step < 200'000; ++step) {
        const std::string name = std::to_string(random.below(3000));
        const auto at = now + 1 + static_cast<int64_t>(random.below(1U << random.below(26)));
        switch (random.below(4)) {
            case 0:
                world.set(name, "v", Expiry::at(at));
                model[name] = at;
                break;
            case 1:
                world.set(name, "v");
                model[name] = 0;
                break;
            case 2:
                world.write([&](WriteTxn& txn) {
                    if (txn.set_expire(txn.key(name), at)) model[name] = at;
                });
                break;
            default:
                now += static_cast<int64_t>(random.below(400));
                world.keyspace->set_now(now);
                std::erase_if(model, [&](const auto& item) {
                    return item.second != 0 && item.second <= now;
                });
                world.keyspace->expire_slice(clock, 1);
        }
        if (step % 1000 == 0) REQUIRE(world.keyspace->db(0).size() == model.size());
    }
    for (const auto& [name, at] : model) REQUIRE(world.expire_at(name) == (at == 0 ? -1 : at));
}

}  // namespace
}  // namespace tidemark::engine
