// Which keys a record may change.
#include "aof/codec/written_keys.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "aof/codec/record.h"

namespace tidemark::aof {
namespace {

using Args = std::vector<std::string_view>;

// "3/key 3/other", "db 1", "everything" ...; `db` 3 is selected.
std::string written_by(const Args& args, const CommandNames& names = CommandNames()) {
    Buffer bytes;
    append_record(bytes, args);
    MemorySource source(bytes.view());
    Scanner scanner(source, 0, UINT64_MAX, Hold::kBounded);
    const Item item = scanner.next();
    REQUIRE(item.kind == ItemKind::kRecord);
    const auto found = scanner.args_of(item);
    const CommandName* row = names.find(found);
    REQUIRE(row != nullptr);
    REQUIRE(arity_fits(*row, item.args_total));
    Written written;
    find_written(*row, item, found, 3, written);
    switch (written.reach) {
        case Reach::kNothing:
            return "nothing";
        case Reach::kLibraries:
            return "libraries";
        case Reach::kEverything:
            return "everything";
        default:
            break;
    }
    std::string text;
    for (const uint64_t db : written.dbs) text += " db " + std::to_string(db);
    for (const WrittenKey& key : written.keys)
        text += " " + std::to_string(key.db) + "/" + std::string(key.name);
    return text.substr(1);
}

}  // namespace

TEST_CASE("aof/written_keys: keys are found where the commands have them") {
    const struct {
        Args args;
        const char* written;
    } cases[] = {
        {{"SET", "a", "1"}, "3/a"},
        {{"mset", "a", "1", "b", "2"}, "3/a 3/b"},
        {{"DEL", "a", "b", "c"}, "3/a 3/b 3/c"},
        {{"RENAME", "a", "b"}, "3/a 3/b"},
        {{"BLPOP", "a", "b", "0"}, "3/a 3/b"},
        {{"XGROUP", "CREATE", "x", "g", "$"}, "3/x"},
        {{"MOVE", "a", "5"}, "3/a 5/a"},
        {{"COPY", "a", "b"}, "3/b"},
        {{"COPY", "a", "b", "REPLACE", "db", "7"}, "7/b"},
        {{"SUNIONSTORE", "to", "a", "b"}, "3/to"},
        {{"ZUNIONSTORE", "to", "2", "a", "b"}, "3/to"},
        {{"BITOP", "AND", "to", "a", "b"}, "3/to"},
        {{"SORT", "a", "BY", "x*", "STORE", "to"}, "3/to"},
        {{"SORT", "a"}, "nothing"},
        {{"GEORADIUS", "g", "1", "1", "9", "m", "STOREDIST", "to"}, "3/to"},
        {{"LMPOP", "2", "a", "b", "LEFT"}, "3/a 3/b"},
        {{"BZMPOP", "0", "1", "z", "MIN"}, "3/z"},
        {{"XREADGROUP", "GROUP", "g", "c", "STREAMS", "x", "y", ">", ">"}, "3/x 3/y"},
        {{"SWAPDB", "1", "2"}, "db 1 db 2"},
        {{"FLUSHDB", "ASYNC"}, "db 3"},
        {{"FLUSHALL"}, "everything"},
        {{"EVAL", "return 1", "1", "a"}, "everything"},
        {{"FUNCTION", "LOAD", "#!lua name=l"}, "libraries"},
        {{"SELECT", "1"}, "nothing"},
        {{"PUBLISH", "c", "m"}, "nothing"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.args[0]);
        CHECK(written_by(one.args) == one.written);
    }
}

TEST_CASE("aof/written_keys: numbers that cannot be make it everything") {
    CHECK(written_by({"LMPOP", "x", "a", "LEFT"}) == "everything");
    CHECK(written_by({"LMPOP", "18446744073709551615", "a", "LEFT"}) == "everything");
    CHECK(written_by({"SWAPDB", "0", "-1"}) == "everything");
    CHECK(written_by({"MOVE", "a", "x"}) == "everything");
    CHECK(written_by({"COPY", "a", "b", "DB"}) == "everything");
}

TEST_CASE("aof/written_keys: a command that somebody vouched for may write to anything") {
    CommandNames names;
    names.accept("JSON.SET");
    CHECK(written_by({"JSON.SET", "doc", "$", "1"}, names) == "everything");
    for (const CommandName& row : all_command_names()) {
        if (row.logged == Logged::kNotLogged) continue;
        CHECK_FALSE(row.keys.first >= std::abs(row.arity));  // how such a row is known
    }
}

TEST_CASE("aof/written_keys: of a record too long to be held, the keys that are there count") {
    const std::string long_value(kHoldBytes + 1, 'v');
    const std::string long_key(kKeptArgBytes, 'k');
    CHECK(written_by({"SET", "a", long_value}) == "3/a");
    CHECK(written_by({"SET", long_key, "1"}) == "3/" + long_key);
    CHECK(written_by({"SET", long_key, long_value}) == "everything");
    Args many = {"DEL"};
    const std::string key(kHoldBytes / 64, 'k');
    many.resize(2 + kKeptArgs, key);
    CHECK(written_by(many) == "everything");
}

TEST_CASE("aof/written_keys: what is logged and has no key's position is a case of its own") {
    std::set<std::string> everything;
    for (const CommandName& row : all_command_names()) {
        if (row.logged == Logged::kNotLogged || row.keys.first != 0) continue;
        Item item;
        item.args_total = 1;
        const std::string_view name = row.name;
        Written written;
        find_written(row, item, {&name, 1}, 0, written);
        if (written.reach == Reach::kEverything) everything.emplace(name);
    }
    // The last six only because the arguments that would say more are not there; containers never
    // come without their subcommand.
    CHECK(everything == std::set<std::string>{"EVAL", "EVALSHA", "FCALL", "FLUSHALL", "SFLUSH",
                                              "FUNCTION", "SCRIPT", "XGROUP", "BLMPOP", "BZMPOP",
                                              "LMPOP", "ZMPOP", "SWAPDB", "XREADGROUP"});
}

}  // namespace tidemark::aof
