#include "engine/txn.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/engine/world.h"

namespace tidemark::engine {
namespace {

TEST_CASE("engine/txn: a string is stored as int, embstr or raw as Redis chooses") {
    World world;
    const std::vector<std::pair<std::string, std::string_view>> cases = {
        {"0", "int"},
        {"-1", "int"},
        {"9223372036854775807", "int"},
        {"-9223372036854775808", "int"},
        {"9223372036854775808", "embstr"},
        {"007", "embstr"},
        {"-0", "embstr"},
        {"+1", "embstr"},
        {" 1", "embstr"},
        {"1.5", "embstr"},
        {"", "embstr"},
        {std::string(44, 'x'), "embstr"},
        {std::string(45, 'x'), "raw"},
        {std::string(1024, 'x'), "raw"},
        {std::string(1025, 'x'), "raw"},
        {std::string(300'000, 'x'), "raw"},
    };
    for (const auto& [value, expected] : cases) {
        const std::string shown = value.substr(0, 50);  // a binding cannot be captured
        CAPTURE(shown);
        world.set("k", value);
        CHECK(world.get("k") == value);
        CHECK(world.encoding("k") == expected);
    }
}

TEST_CASE("engine/txn: any value overwrites any other, with and without an expiry") {
    World world;
    const uint64_t empty = world.keyspace->used_bytes();
    const std::vector<size_t> sizes = {0, 1, 8, 20, 44, 45, 100, 1024, 1025, 5000, 200'000};
    for (const std::string& name : {std::string("k"), std::string(254, 'n'), std::string(255, 'n'),
                                    std::string(70'000, 'n')}) {
        for (const size_t before : sizes) {
            for (const size_t after : sizes) {
                for (const int expiries : {0, 1, 2, 3}) {
                    const auto at = Expiry::at(World::kStart + 1000);
                    world.set(name, std::string(before, 'a'),
                              (expiries & 1) != 0 ? at : Expiry::none());
                    world.set(name, std::string(after, 'b'),
                              (expiries & 2) != 0 ? at : Expiry::none());
                    CHECK(world.get(name) == std::string(after, 'b'));
                    CHECK(world.keyspace->db(0).expires() == ((expiries & 2) != 0 ? 1 : 0));
                }
            }
        }
        CHECK(world.erase(name));
        CHECK(world.keyspace->used_bytes() == empty);
    }
}

TEST_CASE("engine/txn: each change is one record, one change and one touched watcher") {
    World world;
    Watcher watcher;
    world.set("other", "v");
    world.sink.take();
    const auto is_touched = [&](std::string_view name, auto&& body, int db = 0) {
        watcher.dirty = false;
        ReadTxn txn(*world.keyspace, db);
        world.keyspace->watch(watcher, db, txn.key(name));
        const uint64_t dirty = world.keyspace->dirty();
        world.write(body);
        CHECK(world.keyspace->dirty() == dirty + 1);
        CHECK(world.sink.take() == Strings{"0: CMD"});
        world.keyspace->watches().unwatch(watcher);
        return watcher.dirty;
    };
    CHECK(is_touched("k", [](WriteTxn& t) { t.set_string(t.key("k"), "v", Expiry::none()); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.set_integer(t.key("k"), 5); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.append_string(t.key("k"), "x"); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.overwrite_string(t.key("k"), 7, "y"); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.set_expire(t.key("k"), World::kStart + 9); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.clear_expire(t.key("k")); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.rename(t.key("k"), t.key("l")); }));
    CHECK(is_touched("k", [](WriteTxn& t) { t.rename(t.key("l"), t.key("k")); }));
    CHECK(is_touched("l", [](WriteTxn& t) { t.copy(t.key("k"), 0, t.key("l")); }));
    CHECK(is_touched("l", [](WriteTxn& t) { t.move(t.key("l"), 3); }));
    CHECK(is_touched(
        "m", [](WriteTxn& t) { t.copy(t.key("k"), 3, t.key("m")); }, 3));
    CHECK(is_touched("k", [](WriteTxn& t) { t.erase(t.key("k")); }));
    CHECK(is_touched(
        "m", [](WriteTxn& t) { t.swap_databases(2, 3); }, 2));
    CHECK_FALSE(is_touched(
        "x", [](WriteTxn& t) { t.swap_databases(2, 3); }, 2));
    CHECK_FALSE(is_touched("k", [](WriteTxn& t) { t.erase(t.key("other")); }));
}

TEST_CASE("engine/txn: a transaction that changed nothing leaves no record") {
    World world;
    CHECK(world.write([](WriteTxn& txn) {
        CHECK_FALSE(txn.erase(txn.key("none")));
        CHECK_FALSE(txn.set_expire(txn.key("none"), 1));
        CHECK_FALSE(txn.clear_expire(txn.key("none")));
        CHECK(txn.flush_database(0, WriteTxn::Free::kNow) == 0);
        CHECK_FALSE(txn.changed());
    }) == 0);
    CHECK(world.sink.take().empty());
    CHECK(world.keyspace->dirty() == 0);
}

TEST_CASE("engine/txn: append and overwrite make raw text, padded with NULs") {
    World world;
    world.write([](WriteTxn& txn) { CHECK(txn.append_string(txn.key("n"), "12") == 2); });
    CHECK(world.encoding("n") == "int");
    world.write([](WriteTxn& txn) { CHECK(txn.append_string(txn.key("n"), "3") == 3); });
    CHECK(world.get("n") == "123");
    CHECK(world.encoding("n") == "raw");
    world.write([](WriteTxn& txn) { CHECK(txn.append_string(txn.key("n"), "") == 3); });
    world.write([](WriteTxn& txn) { CHECK(txn.overwrite_string(txn.key("p"), 3, "x") == 4); });
    CHECK(world.get("p") == std::string("\0\0\0x", 4));
    CHECK(world.encoding("p") == "raw");
    world.set("q", "hello world", Expiry::at(World::kStart + 10));
    world.write([](WriteTxn& txn) { CHECK(txn.overwrite_string(txn.key("q"), 6, "Redis") == 11); });
    CHECK(world.get("q") == "hello Redis");
    CHECK(world.expire_at("q") == World::kStart + 10);
    world.set("q", "-15");
    world.write([](WriteTxn& txn) { CHECK(txn.overwrite_string(txn.key("q"), 1, "9") == 3); });
    CHECK(world.get("q") == "-95");
}

TEST_CASE("engine/txn: rename, move and copy take value and expiry along") {
    World world;
    const int64_t at = World::kStart + 1000;
    for (const std::string& value :
         {std::string("12"), std::string(40, 'x'), std::string(3000, 'y')}) {
        world.set("a", value, Expiry::at(at));
        world.set("b", "old", Expiry::none());
        world.write([](WriteTxn& txn) { txn.rename(txn.key("a"), txn.key("b")); });
        CHECK(world.get("a") == "(nil)");
        CHECK(world.get("b") == value);
        CHECK(world.expire_at("b") == at);
        world.write([](WriteTxn& txn) { txn.copy(txn.key("b"), 4, txn.key("c")); });
        CHECK(world.get("b") == value);
        CHECK(world.get("c", 4) == value);
        CHECK(world.expire_at("c", 4) == at);
        world.write([](WriteTxn& txn) { txn.append_string(txn.key("b"), "+"); });
        CHECK(world.get("c", 4) == value);
        world.write([](WriteTxn& txn) { txn.move(txn.key("b"), 5); });
        CHECK(world.get("b") == "(nil)");
        CHECK(world.get("b", 5) == value + "+");
        CHECK(world.expire_at("b", 5) == at);
        world.write([](WriteTxn& txn) { txn.erase_in(5, txn.key("b")); });
    }
    CHECK(world.keyspace->db(5).expires() == 0);
    CHECK(world.keyspace->db(0).size() == 0);
}

TEST_CASE("engine/txn: propagated records replace the command, in order") {
    World world;
    world.write([](WriteTxn& txn) {
        txn.set_string(txn.key("k"), "v", Expiry::at(World::kStart + 5));
        const std::string time = std::to_string(World::kStart + 5);
        txn.propagate({"SET", "k", "v", "PXAT", time});
        txn.propagate({"DEL", ""});
    });
    CHECK(world.sink.take() == Strings{"0: SET k v PXAT 1700000000005", "0: DEL "});
    // Such a reply depends on no record of its own, only on what was there before.
    CHECK(world.write([](WriteTxn& txn) {
        txn.set_string(txn.key("k"), "w", Expiry::none());
        txn.propagate_nothing();
    }) == 2);
    CHECK(world.sink.take().empty());
    CHECK(world.keyspace->dirty() == 2);
    // Records of a command that changed nothing are not written.
    world.write([](WriteTxn& txn) { txn.propagate({"DEL", "k"}); });
    CHECK(world.sink.take().empty());
    world.write([](WriteTxn& txn) { txn.touch_nothing_but_log(); });
    CHECK(world.sink.take() == Strings{"0: CMD"});
}

TEST_CASE("engine/txn: a reply depends on the last write of the keys it read") {
    World world;
    const auto read = [&](std::string_view name, int db = 0) {
        ReadTxn txn(*world.keyspace, db);
        txn.peek(txn.key(name));
        return txn.depends_on();
    };
    world.set("a", "1");
    world.set("b", "2");
    CHECK(read("a") == 1);
    CHECK(read("b") == 2);
    CHECK(read("never") == 0);
    CHECK(world.erase("a"));
    CHECK(read("a") == 3);
    CHECK(world.write([](WriteTxn& txn) { txn.erase(txn.key("a")); }) == 3);
    world.sink.release(3);
    CHECK(read("a") == 0);
    world.write([](WriteTxn& txn) { txn.move(txn.key("b"), 1); });
    CHECK(read("b") == 4);
    CHECK(read("b", 1) == 4);
    world.write([](WriteTxn& txn) { txn.flush_database(1, WriteTxn::Free::kNow); });
    CHECK(read("anything") == 5);
    world.sink.release(5);
    CHECK(read("anything") == 0);
    ReadTxn all(*world.keyspace, 0);
    all.db_size();
    CHECK(all.depends_on() == 5);
}

TEST_CASE("engine/txn: what was written while nothing was held holds every read once it is") {
    World world;
    const auto read = [&](std::string_view name) {
        ReadTxn txn(*world.keyspace, 0);
        txn.peek(txn.key(name));
        return txn.depends_on();
    };
    world.sink.release(100);  // as under everysec, where offsets are released as they come
    world.set("a", "1");
    world.set("b", "2");
    CHECK(read("a") == 0);
    world.sink.release(0);  // `always` from now on, and nothing is durable yet
    CHECK(read("a") == 2);
    CHECK(read("b") == 2);
    world.set("c", "3");
    CHECK(read("c") == 3);
    CHECK(read("a") == 2);
    world.sink.release(2);
    CHECK(read("a") <= 2);
    CHECK(read("c") == 3);
    world.sink.release(3);
    CHECK(read("a") == 0);
}

TEST_CASE("engine/txn: an expired key's DEL holds the reads that follow") {
    World world;
    world.set("k", "v", Expiry::at(World::kStart + 1));
    world.sink.release(1);
    world.keyspace->set_now(World::kStart + 1);
    world.get("k");
    world.keyspace->expire_noted();
    ReadTxn txn(*world.keyspace, 0);
    CHECK(txn.find(txn.key("k")) == nullptr);
    CHECK(txn.depends_on() == 2);
}

TEST_CASE("engine/txn: offsets of a sink that was replaced hold nothing") {
    World world;
    for (int i = 0; i < 100; ++i) world.set("k", "v");
    RecordingSink other;
    world.keyspace->set_sink(other);
    world.set("l", "v");
    ReadTxn txn(*world.keyspace, 0);
    txn.find(txn.key("k"));
    CHECK(txn.depends_on() == 0);
}

TEST_CASE("engine/txn: a random key is any key alike, and never an expired one") {
    World world;
    ReadTxn txn(*world.keyspace, 0);
    CHECK(txn.random_key() == std::nullopt);
    std::map<std::string, int> picked;
    for (int i = 0; i < 100; ++i) world.set(std::to_string(i), "v");
    for (int i = 0; i < 100'000; ++i) ++picked[*txn.random_key()];
    CHECK(picked.size() == 100);
    for (const auto& [name, times] : picked) CHECK((times > 800 && times < 1200));
    for (int i = 1; i < 100; ++i) world.set(std::to_string(i), "v", Expiry::at(World::kStart + 1));
    world.keyspace->set_now(World::kStart + 1);
    for (int i = 0; i < 100; ++i) CHECK(txn.random_key() == "0");
    world.erase("0");
    CHECK(txn.random_key() == std::nullopt);
}

TEST_CASE("engine/txn: a scan passes over expired keys and ends") {
    World world;
    for (int i = 0; i < 1000; ++i) {
        world.set(std::to_string(i), "v",
                  i % 2 == 0 ? Expiry::none() : Expiry::at(World::kStart + 1));
    }
    world.keyspace->set_now(World::kStart + 1);
    for (const size_t count : {size_t{1}, size_t{10}, size_t{100'000}, SIZE_MAX}) {
        std::map<std::string, int> seen;
        ReadTxn txn(*world.keyspace, 0);
        uint64_t cursor = 0;
        do {
            cursor = txn.scan(cursor, count, [&](std::string_view name, const Entry&) {
                ++seen[std::string(name)];
            });
        } while (cursor != 0);
        CHECK(seen.size() == 500);
        size_t walked = 0;
        txn.for_each_key([&](std::string_view, const Entry&) { return ++walked != 300; });
        CHECK(walked == 300);
    }
    world.keyspace->expire_noted();
    CHECK(world.keyspace->db(0).size() == 500);
}

// A database as it should be: names to values and expiries.
struct Model {
    struct Item {
        std::string value;
        int64_t at = -1;
        bool operator==(const Item&) const = default;
    };
    std::map<std::string, Item> items;

    static Model of(World& world, int db) {
        Model model;
        ReadTxn txn(*world.keyspace, db);
        txn.for_each_key([&](std::string_view name, const Entry& entry) {
            model.items[std::string(name)] = {std::string(StringText(entry).text()),
                                              entry.has_expiry() ? entry.expire_at_ms() : -1};
            return true;
        });
        return model;
    }
};

std::string random_value(Random& random) {
    if (random.one_in(4)) return std::to_string(random.below(1000));
    return std::string(random.below(1U << random.below(13)),
                       static_cast<char>('a' + random.below(26)));
}

std::string numbered(uint64_t i) {
    std::string name = "k";
    return name += std::to_string(i);
}

// One random change, to the keyspace and to the model.
void change(World& world, std::array<Model, 2>& models, Random& random) {
    const int db = static_cast<int>(random.below(2));
    const int other = 1 - db;
    auto& here = models[static_cast<size_t>(db)].items;
    auto& there = models[static_cast<size_t>(other)].items;
    const std::string name = numbered(random.below(60));
    const std::string to = numbered(random.below(60));
    const std::string value = random_value(random);
    const int64_t at = World::kStart + 1 + static_cast<int64_t>(random.below(1'000'000));
    const size_t offset = random.below(2000);
    WriteTxn txn(*world.keyspace, db);
    const Key key = txn.key(name);
    const bool is_there = here.contains(name);
    switch (random.below(12)) {
        case 0:
            txn.set_string(key, value, Expiry::none());
            here[name] = {value, -1};
            break;
        case 1:
            txn.set_string(key, value, Expiry::at(at));
            here[name] = {value, at};
            break;
        case 2:
            txn.set_string(key, value, Expiry::keep());
            here[name].value = value;
            break;
        case 3:
            txn.set_integer(key, at);
            here[name].value = std::to_string(at);
            break;
        case 4:
            REQUIRE(txn.append_string(key, value) == here[name].value.size() + value.size());
            here[name].value += value;
            break;
        case 5: {
            std::string& text = here[name].value;
            text.resize(std::max(text.size(), offset + value.size() + 1));
            text.replace(offset, value.size() + 1, value + "!");
            REQUIRE(txn.overwrite_string(key, offset, value + "!") == text.size());
            break;
        }
        case 6:
            REQUIRE(txn.set_expire(key, at) == is_there);
            if (is_there) here[name].at = at;
            break;
        case 7:
            REQUIRE(txn.clear_expire(key) == (is_there && here[name].at != -1));
            if (is_there) here[name].at = -1;
            break;
        case 8:
            if (!is_there || name == to) break;
            txn.rename(key, txn.key(to));
            here[to] = here[name];
            here.erase(name);
            break;
        case 9:
            if (!is_there || there.contains(name)) break;
            txn.move(key, other);
            there[name] = here[name];
            here.erase(name);
            break;
        case 10:
            if (!is_there) break;
            txn.copy(key, other, txn.key(to));
            there[to] = here[name];
            break;
        default:
            REQUIRE(txn.erase(key) == is_there);
            here.erase(name);
    }
    txn.commit(world.command, {});
}

TEST_CASE("engine/txn: random changes agree with a model, and all memory comes back") {
    World world;
    Random random(5);
    std::array<Model, 2> models;
    const uint64_t empty = world.keyspace->used_bytes();
    for (int step = 0; step < 60'000; ++step) {
        change(world, models, random);
        if (step % 2000 == 0) {
            for (int db = 0; db < 2; ++db) {
                const auto& expected = models[static_cast<size_t>(db)].items;
                REQUIRE(Model::of(world, db).items == expected);
                const auto expiring =
                    std::count_if(expected.begin(), expected.end(),
                                  [](auto& item) { return item.second.at != -1; });
                REQUIRE(world.keyspace->db(db).expires() == static_cast<size_t>(expiring));
            }
        }
        if (step % 20'000 == 0) {
            world.write([](WriteTxn& txn) { txn.swap_databases(0, 1); });
            std::swap(models[0], models[1]);
        }
    }
    for (const auto& [name, item] : models[0].items) CHECK(world.erase(name));
    world.write([](WriteTxn& txn) { txn.flush_database(1, WriteTxn::Free::kLater); });
    ManualClock clock;
    world.keyspace->maintain(1, clock);
    CHECK(world.keyspace->used_bytes() == empty);
    CHECK(world.keyspace->db(0).expires() == 0);
}

TEST_CASE("engine/txn: flushing touches the watched keys that are there") {
    World world;
    world.set("k", "v");
    Watcher there;
    Watcher missing;
    world.keyspace->watch(there, 0, {"k", world.keyspace->hash("k")});
    world.keyspace->watch(missing, 0, {"l", world.keyspace->hash("l")});
    world.write([](WriteTxn& txn) { CHECK(txn.flush_database(0, WriteTxn::Free::kLater) == 1); });
    CHECK(there.dirty);
    CHECK_FALSE(missing.dirty);
    CHECK(world.keyspace->dirty() == 2);
}

TEST_CASE("engine/access: reads move the clock, peeks do not") {
    World world;
    world.set("k", "v");
    const AccessClock& clock = world.keyspace->access_clock();
    const auto idle = [&] {
        ReadTxn txn(*world.keyspace, 0);
        return clock.idle_seconds(*txn.peek(txn.key("k")));
    };
    CHECK(idle() == 0);
    world.keyspace->set_now(World::kStart + 60'000);
    CHECK(idle() == 60);
    world.get("k");
    CHECK(idle() == 0);
}

TEST_CASE("engine/access: an LFU counter rises with reads, slower and slower, and decays") {
    World world;
    world.keyspace->access_clock().set_policy(AccessPolicy::kLfu);
    world.set("k", "v");
    const auto frequency = [&] {
        ReadTxn txn(*world.keyspace, 0);
        return world.keyspace->access_clock().frequency(*txn.peek(txn.key("k")));
    };
    CHECK(frequency() == 5);
    for (int i = 0; i < 100; ++i) world.get("k");
    const uint32_t hundred = frequency();
    CHECK((hundred > 7 && hundred < 16));
    for (int i = 0; i < 10'000; ++i) world.get("k");
    CHECK((frequency() > 30 && frequency() < 80));
    world.set("k", "w");
    CHECK(frequency() > 30);
    const uint32_t before = frequency();
    world.keyspace->set_now(World::kStart + 3 * 60'000);
    CHECK(frequency() == before - 3);
}

}  // namespace
}  // namespace tidemark::engine
