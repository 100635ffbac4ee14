#include "tests/process/dataset.h"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "base/assert.h"

namespace tidemark::process {
namespace {

using support::Client;
using support::CommandArgs;
using support::Reply;

constexpr int kDatabases = 16;
constexpr uint64_t kKeys = 300;
constexpr uint64_t kUsedDatabases = 4;
constexpr size_t kDifferencesShown = 5;

std::vector<std::string> all_keys(Client& client) {
    std::vector<std::string> keys;
    std::string cursor = "0";
    do {
        const Reply reply = client.cmd({"SCAN", cursor, "COUNT", "1000"});
        TM_ASSERT(reply.elements.size() == 2);
        cursor = reply.elements[0].text;
        for (const Reply& key : reply.elements[1].elements) keys.push_back(key.text);
    } while (cursor != "0");
    return keys;
}

void add_database(Client& client, int db, Dataset& dataset) {
    const std::vector<std::string> keys = all_keys(client);
    for (const std::string& key : keys) {
        client.append({"TYPE", key});
        client.append({"PEXPIRETIME", key});
        client.append({"GET", key});
    }
    for (const std::string& key : keys) {
        const Reply type = client.read_reply();
        const Reply expire = client.read_reply();
        const Reply value = client.read_reply();
        dataset[fmt::format("{}/{}", db, key)] =
            fmt::format("{} {} {}", type.text, expire.integer, value.text);
    }
}

int64_t unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

CommandArgs random_set(Random& random, const std::string& key) {
    const std::string number = std::to_string(random.below(1'000'000));
    switch (random.below(8)) {
        case 0:
            return {"SET", key, std::string(random.below(3000), 'v')};
        case 1:
            return {"SET", key, number, "EX", std::to_string(3600 + random.below(100'000))};
        case 2:
            return {"SET", key, number, "KEEPTTL"};
        case 3:
            return {"SET", key, number, "PX", "1"};
        case 4:
            return {"SETEX", key, std::to_string(3600 + random.below(1000)), number};
        case 5:
            return {"SET", key, std::string("\0\r\n#\xff", 5)};
        case 6:
            return {"SETNX", key, number};
        default:
            return {"SET", key, number};
    }
}

CommandArgs random_edit(Random& random, const std::string& key, const std::string& other) {
    switch (random.below(16)) {
        case 0:
            return {"APPEND", key, "tail"};
        case 1:
            return {"SETRANGE", key, std::to_string(random.below(50)), "mid"};
        case 2:
            return {"INCRBY", key, std::to_string(random.below(1000))};
        case 3:
            return {"INCRBYFLOAT", key, "0.1"};
        case 4:
            return {"DEL", key, other};
        case 5:
            return {"RENAME", key, other};
        case 6:
            return {"COPY", key, other, "DB", std::to_string(random.below(kUsedDatabases))};
        case 7:
            return {"MOVE", key, std::to_string(random.below(kUsedDatabases))};
        case 8:
            return {"EXPIRE", key, std::to_string(3600 + random.below(1000))};
        case 9:
            return {"PEXPIREAT", key, std::to_string(unix_ms() + 3'600'000)};
        case 10:
            return {"PERSIST", key};
        case 11:
            return {"GETDEL", key};
        case 12:
            return {"GETEX", key, "EX", "7200"};
        case 13:
            return {"MSET", key, "m1", other, "m2"};
        case 14:
            return {"GETSET", key, "swapped"};
        default:
            return {"EXPIRE", key, "-1"};
    }
}

}  // namespace

Dataset read_dataset(Client& client) {
    Dataset dataset;
    for (int db = 0; db < kDatabases; ++db) {
        TM_ASSERT(client.cmd({"SELECT", std::to_string(db)}).ok());
        add_database(client, db, dataset);
    }
    TM_ASSERT(client.cmd({"SELECT", "0"}).ok());
    return dataset;
}

std::string difference(const Dataset& expected, const Dataset& found) {
    std::vector<std::string> lines;
    for (const auto& [key, value] : expected) {
        const auto it = found.find(key);
        if (it == found.end()) {
            lines.push_back(fmt::format("{} is missing, expected {:.60}", key, value));
        } else if (it->second != value) {
            lines.push_back(fmt::format("{} is {:.60}, expected {:.60}", key, it->second, value));
        }
    }
    for (const auto& [key, value] : found) {
        if (!expected.contains(key)) lines.push_back(fmt::format("{} should not be there", key));
    }
    std::string text;
    for (size_t i = 0; i < lines.size() && i < kDifferencesShown; ++i) text += lines[i] + "\n";
    if (!lines.empty()) text += fmt::format("{} differences\n", lines.size());
    return text;
}

void change_at_random(Client& client, Random& random, int count) {
    int replies = 0;
    const auto send = [&](const CommandArgs& args) {
        client.append(args);
        ++replies;
    };
    for (int i = 0; i < count; ++i) {
        const std::string key = fmt::format("key:{}", random.below(kKeys));
        const std::string other = fmt::format("key:{}", random.below(kKeys));
        if (random.one_in(10)) send({"SELECT", std::to_string(random.below(kUsedDatabases))});
        if (random.one_in(1000)) send({"SWAPDB", "0", "1"});
        if (random.one_in(2000)) send({"FLUSHDB"});
        const bool whole = random.one_in(10);
        if (whole) send({"MULTI"});
        send(random_set(random, key));
        send(random_edit(random, key, other));
        if (whole) send({"EXEC"});
    }
    for (; replies > 0; --replies) TM_ASSERT(!client.read_reply().lost());
}

}  // namespace tidemark::process
