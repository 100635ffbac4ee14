#include "engine/txn.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/engine/recording_sink.h"

namespace tidemark::engine {
namespace {

using Strings = std::vector<std::string>;

// A keyspace with a log that is looked at, and commands as the dispatcher would run them.
struct World {
    World() {
        keyspace->set_sink(sink);
        keyspace->set_now(kStart);
    }

    static constexpr int64_t kStart = 1'700'000'000'000;

    template <class Body>
    uint64_t write(Body&& body, int db = 0) {
        WriteTxn txn(*keyspace, db);
        body(txn);
        txn.commit(command, {});
        return txn.depends_on();
    }
    void set(std::string_view name, std::string_view value, Expiry expiry = Expiry::none(),
             int db = 0) {
        write([&](WriteTxn& txn) { txn.set_string(txn.key(name), value, expiry); }, db);
    }
    std::string get(std::string_view name, int db = 0) {
        ReadTxn txn(*keyspace, db);
        const auto text = txn.find_string(txn.key(name));
        return *text ? std::string((*text)->text()) : "(nil)";
    }
    std::string encoding(std::string_view name) {
        ReadTxn txn(*keyspace, 0);
        return std::string(encoding_name(*txn.peek(txn.key(name))));
    }
    int64_t expire_at(std::string_view name, int db = 0) {
        ReadTxn txn(*keyspace, db);
        const Entry* entry = txn.peek(txn.key(name));
        return entry == nullptr ? -2 : entry->has_expiry() ? entry->expire_at_ms() : -1;
    }
    bool erase(std::string_view name) {
        bool erased = false;
        write([&](WriteTxn& txn) { erased = txn.erase(txn.key(name)); });
        return erased;
    }

    std::vector<std::string_view> command{"CMD"};
    RecordingSink sink;
    std::unique_ptr<Keyspace> keyspace = std::make_unique<Keyspace>(Keyspace::Options{16, 7});
};

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
        CAPTURE(value.substr(0, 50));
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

}  // namespace
}  // namespace tidemark::engine
