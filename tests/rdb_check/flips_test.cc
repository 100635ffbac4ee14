// What one changed bit costs where nothing vouches for anything: no checksum, no seals.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.h"
#include "tests/rdb_check/dumps.h"
#include "tests/support/server_process.h"

namespace tidemark::rdb_check {
namespace {

std::string random_name(Random& random) {
    std::string name(3 + random.below(12), '\0');
    for (char& c : name) c = static_cast<char>(random.below(256));
    return name;
}

// Every third name is binary, one in a db is empty, and dbs share names.
std::string name_of(Random& random, int number) {
    if (number == 20) return {};
    return number % 3 == 0 ? random_name(random) : fmt::format("user:{}:{}", number % 7, number);
}

void add_key(tools::RedisOracle& redis, Random& random, int number) {
    const std::string name = name_of(random, number);
    const auto word = [&] { return fmt::format("word-{}", random.below(100'000)); };
    const size_t size = number % 2 == 0 ? 4 : 14;  // packed, or not
    const auto add = [&](support::CommandArgs command, size_t words) {
        for (size_t i = 0; i < size; ++i) {
            if (command[0] == "ZADD") command.push_back(std::to_string(i));
            command.push_back(words == 0 ? std::to_string(random.below(100'000)) : word());
            if (words == 2) command.push_back(word());
        }
        redis.cmd(command);
    };
    switch (number % 8) {
        case 0:
            return add({"RPUSH", name}, 1);
        case 1:
            return add({"SADD", name}, 1);
        case 2:
            return add({"HSET", name}, 2);
        case 3:
            return add({"ZADD", name}, 1);
        case 4:
            return add({"SADD", name}, 0);
        case 5:
            redis.cmd({"XADD", name, "*", "field", word()});
            return;
        case 6:
            redis.cmd({"SET", name, std::string(random.below(120), 'v')});
            return;
        default:
            redis.cmd({"SET", name, random_name(random), "PXAT", "33000000000000"});
            return;
    }
}

std::string varied_dump() {
    tools::RedisOracle redis;
    dump_of_all_types(redis);  // for its settings
    redis.cmd({"FLUSHALL"});
    redis.cmd({"FUNCTION", "FLUSH"});
    Random random(11);
    for (const char* db : {"0", "3", "9"}) {
        redis.cmd({"SELECT", db});
        for (int number = 0; number < 80; ++number) add_key(redis, random, number);
    }
    return without_checksum(framed_again(redis.save(), rdb::Sealing::kOff, 0));
}

struct Cost {
    bool is_counted = false;
    size_t beyond = 0;  // keys lost or changed but the one that was hit
};

Cost cost_of_flip(const std::string& dump, const std::vector<RecordBytes>& records, size_t at,
                  char bit) {
    const auto hit = std::find_if(records.begin(), records.end(), [&](const RecordBytes& one) {
        return one.begin <= at && at < one.end;
    });
    // The number of a db is not vouched for by anything.
    if (hit == records.end() || hit->is_select) return {};
    std::string flipped = dump;
    flipped[at] = static_cast<char>(flipped[at] ^ bit);
    const auto kept = keys_of(mend(flipped, Restore::kNothing).dump);
    Cost cost{true, 0};
    for (const RecordBytes& record : records) {
        if (record.keys == 0 || &record == &*hit) continue;
        const auto found = kept.find(record.name);
        if (found == kept.end() || found->second != record.bytes) ++cost.beyond;
    }
    return cost;
}

// A count that grew can make a record of others that is sound itself, and nothing tells. (Seen: one
// flip in 300; before records were counted that lead to a place, one in 14.)
constexpr size_t kOneFlipInWorse = 50;

TEST_CASE("rdb_check/flips: one bit seldom costs more than its record and one more") {
    const std::string dump = varied_dump();
    const auto records = records_of(dump);
    Random random(5);
    size_t flips = 0;
    size_t worse = 0;
    const auto rounds = static_cast<size_t>(support::rounds(400, 5000));
    while (flips < rounds) {
        const size_t at = rdb::kHeadBytes + random.below(dump.size() - rdb::kHeadBytes - 9);
        const Cost cost = cost_of_flip(dump, records, at, static_cast<char>(1 << random.below(8)));
        if (!cost.is_counted) continue;
        ++flips;
        if (cost.beyond > 1) ++worse;
    }
    CHECK(kOneFlipInWorse * worse <= flips);
}

}  // namespace
}  // namespace tidemark::rdb_check
