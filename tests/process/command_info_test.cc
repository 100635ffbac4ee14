// COMMAND INFO of every command that is implemented, compared with redis-server 7.0.15's.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "tests/support/server_process.h"

namespace tidemark::support {

namespace {

// The fields of COMMAND INFO.
enum Field : size_t { kName, kArity, kFlags, kFirst, kLast, kStep, kCategories, kTips, kKeys };
constexpr size_t kCompared = 9;  // the tenth, subcommands, are compared one by one

// Where 7.4 differs from 7.0.15, and ours follows it.
struct Newer {
    std::string_view name;
    Field field;
};
constexpr auto kNewer = std::to_array<Newer>({
    {"msetnx", kTips},            // its keys may not be spread over shards any more
    {"randomkey", kFlags},        // touches_arbitrary_keys
    {"randomkey", kTips},         // response_policy:special
    {"scan", kFlags},             // touches_arbitrary_keys
    {"scan", kTips},              // response_policy:special
    {"wait", kFlags},             // blocking, allowed in scripts
    {"wait", kCategories},        // blocking
    {"client|setname", kTips},    // all nodes
    {"config|resetstat", kTips},  // all nodes
    {"config|rewrite", kTips},    // all nodes
    {"command|getkeys", kArity},  // a command without arguments is asked about too
    {"command|getkeysandflags", kArity},
});
// Not in 7.0.15 at all.
constexpr auto kOnlyNewer =
    std::to_array<std::string_view>({"waitaof", "client|no-touch", "client|setinfo"});

bool is_newer(std::string_view name, size_t field) {
    return std::any_of(kNewer.begin(), kNewer.end(),
                       [&](const Newer& row) { return row.name == name && row.field == field; });
}

// Sets and maps have no order, and `notes` are Redis's own sentences.
Reply normalised(Reply reply, size_t field) {
    auto text_of = [](const Reply& element) { return to_string(element); };
    if (field == kKeys) {
        for (Reply& spec : reply.elements) {
            for (size_t i = 0; i + 1 < spec.elements.size(); i += 2) {
                if (spec.elements[i].text == "flags") {
                    spec.elements[i + 1] = normalised(spec.elements[i + 1], kFlags);
                }
                if (spec.elements[i].text != "notes") continue;
                auto at = spec.elements.begin() + static_cast<std::ptrdiff_t>(i);
                spec.elements.erase(at, at + 2);
                i -= 2;
            }
        }
        return reply;
    }
    std::sort(reply.elements.begin(), reply.elements.end(),
              [&](const Reply& a, const Reply& b) { return text_of(a) < text_of(b); });
    return reply;
}

}  // namespace

TEST_CASE("process/command: COMMAND INFO of every command is redis-server's, or newer") {
    TempFolder ours_folder;
    TempFolder redis_folder;
    auto ours = start_server(ServerKind::kTidemark, ours_folder.path());
    auto redis = start_server(ServerKind::kRedis, redis_folder.path());
    Client to_ours = ours->connect();
    Client to_redis = redis->connect();

    Reply names = to_ours.cmd({"COMMAND", "LIST"});
    REQUIRE(names.elements.size() > 80);
    for (const Reply& name : names.elements) {
        CAPTURE(name.text);
        Reply mine = to_ours.cmd({"COMMAND", "INFO", name.text}).elements.at(0);
        Reply theirs = to_redis.cmd({"COMMAND", "INFO", name.text}).elements.at(0);
        REQUIRE(mine.elements.size() == kCompared + 1);
        bool is_only_newer =
            std::find(kOnlyNewer.begin(), kOnlyNewer.end(), name.text) != kOnlyNewer.end();
        CHECK(theirs.nil() == is_only_newer);
        if (theirs.nil()) continue;
        for (size_t field = 0; field < kCompared; ++field) {
            if (is_newer(name.text, field)) continue;
            CAPTURE(field);
            CHECK(to_string(normalised(mine.elements[field], field)) ==
                  to_string(normalised(theirs.elements[field], field)));
        }
    }
}

}  // namespace tidemark::support
