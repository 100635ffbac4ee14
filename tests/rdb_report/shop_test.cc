// The report of a dump that redis-server wrote, against what redis-server itself says of its keys.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "tests/rdb_check/run.h"
#include "tests/rdb_report/shop_dump.h"
#include "tools/rdb_check/report/memory_estimate.h"

namespace tidemark::rdb_report {

namespace {

using rapidjson::Value;

const ShopDump* shop() {
    const ShopDump* dump = ShopDump::get();
    if (dump == nullptr) MESSAGE("skipped: no redis-server");
    return dump;
}

uint64_t number(const Value& object, const char* name) {
    REQUIRE(object.HasMember(name));
    return object[name].GetUint64();
}

uint64_t sum(const Value& rows, const char* name) {
    uint64_t total = 0;
    for (const Value& row : rows.GetArray()) total += number(row, name);
    return total;
}

// Of a row without doubled quotes.
std::vector<std::string> csv_fields(const std::string& row) {
    std::vector<std::string> fields(1);
    bool is_quoted = false;
    for (const char c : row) {
        if (c == '"') is_quoted = !is_quoted;
        if (c == ',' && !is_quoted) {
            fields.emplace_back();
        } else if (c != '"') {
            fields.back() += c;
        }
    }
    return fields;
}

// Estimate against MEMORY USAGE, which leaves out the table's slots and the expiry's entry.
double factor(uint64_t estimated, const KnownKey& key) {
    const uint64_t asked = key.memory + 11 + (key.expires ? 43 : 0);
    return static_cast<double>(estimated) / static_cast<double>(asked);
}

}  // namespace

TEST_CASE("rdb_report/shop: keys, elements and expiries by db and type are redis-server's") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    struct Count {
        uint64_t keys = 0;
        uint64_t elements = 0;
        uint64_t expiring = 0;
        bool operator==(const Count&) const = default;
    };
    std::map<std::string, Count> expected;
    for (const KnownKey& key : dump->keys()) {
        Count& count = expected[fmt::format("{}/{}", key.db, key.type)];
        ++count.keys;
        count.elements += key.elements;
        count.expiring += key.expires ? 1 : 0;
    }
    std::map<std::string, Count> reported;
    const auto report = dump->report();
    for (const Value& row : report["types"].GetArray()) {
        Count& count = reported[fmt::format("{}/{}", number(row, "db"), row["type"].GetString())];
        count.keys += number(row, "keys");
        count.elements += number(row, "elements");
        count.expiring += number(row, "expiring");
    }
    REQUIRE(expected.size() == 8);
    for (const auto& one : expected) {
        INFO(one.first);
        CHECK(reported[one.first] == one.second);
    }
    CHECK(number(report["summary"], "keys") == dump->keys().size());
}

TEST_CASE("rdb_report/shop: every part of the report adds up to the same sums") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    const auto report = dump->report({"--now", "1000"});
    const Value& all = report["summary"];
    for (const char* name : {"keys", "elements", "file_bytes", "redis_bytes_estimated",
                             "tidemark_bytes_estimated", "expiring"}) {
        CHECK_MESSAGE(sum(report["types"], name) == number(all, name), name);
    }
    const Value& histograms = report["histograms"];
    CHECK(sum(histograms["size_bytes"], "count") == number(all, "keys"));
    CHECK(sum(histograms["size_bytes"], "file_bytes") == number(all, "file_bytes"));
    CHECK(sum(histograms["freq"], "count") == number(all, "keys"));
    CHECK(sum(histograms["ttl_ms"], "count") == number(all, "expiring"));
    CHECK(sum(report["slots"]["groups"], "keys") == number(all, "keys"));
    CHECK(sum(report["slots"]["groups"], "file_bytes") == number(all, "file_bytes"));
    CHECK(number(all["expired_now"], "keys") == 0);
    // Head, AUX, SELECTDB, RESIZEDB, EOF and checksum are no key's.
    const uint64_t rest = std::filesystem::file_size(dump->path()) - number(all, "file_bytes");
    CHECK(rest > 9 + 9);
    CHECK(rest < 300);
}

TEST_CASE("rdb_report/shop: prefixes have the keys and estimates that their names say") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    std::map<std::string, uint64_t> expected;
    for (const KnownKey& key : dump->keys()) {
        for (size_t end = key.name.find(':'); end != std::string::npos;
             end = key.name.find(':', end + 1))
            ++expected[key.name.substr(0, end + 1)];
    }
    const auto report = dump->report();
    CHECK(report["prefixes"]["exact"].GetBool());
    CHECK(number(report["prefixes"], "kept") == expected.size());
    size_t seen = 0;
    for (const Value& row : report["prefixes"]["largest"].GetArray()) {
        REQUIRE(number(row, "keys") == expected[row["prefix"].GetString()]);
        REQUIRE(number(row, "missed_file_bytes_max") == 0);
        ++seen;
    }
    CHECK(seen == expected.size());
}

TEST_CASE("rdb_report/shop: memory in Redis is estimated within a stated factor") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    const support::TempFolder folder;
    REQUIRE(
        tools::run_rdb_check({"report", "--keys-csv", folder / "keys.csv", dump->path()}).exit ==
        0);
    std::map<std::string, uint64_t> estimates;  // the shop's names need no escaping
    std::map<std::string, std::pair<uint64_t, uint64_t>> by_type;
    std::istringstream rows(support::read_text_file(folder / "keys.csv"));
    std::string row;
    std::getline(rows, row);
    while (std::getline(rows, row)) {
        const std::vector<std::string> fields = csv_fields(row);
        REQUIRE(fields.size() == 14);
        estimates[fields[0] + "/" + fields[1]] = std::stoull(fields[7]);
    }
    for (const KnownKey& key : dump->keys()) {
        const uint64_t estimate = estimates[fmt::format("{}/{}", key.db, key.name)];
        INFO(key.name, " ", key.type, " is ", key.memory, ", estimated ", estimate);
        REQUIRE(factor(estimate, key) < 1.6);
        if (key.type == "stream") continue;  // see the next case
        REQUIRE(factor(estimate, key) > 0.6);
        by_type[key.type].first += estimate;
        by_type[key.type].second += key.memory + 11 + (key.expires ? 43 : 0);
    }
    for (const auto& one : by_type) {
        const auto [estimated, asked] = one.second;
        const double ratio = static_cast<double>(estimated) / static_cast<double>(asked);
        INFO(one.first);
        CHECK(ratio > 0.8);
        CHECK(ratio < 1.25);
        MESSAGE(one.first, ": estimate / MEMORY USAGE = ", ratio);
    }
}

TEST_CASE("rdb_report/shop: a stream with pending entries is estimated as used_memory grows") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    support::Client client = dump->connect();
    const auto used = [&client] {
        const std::string info = client.cmd({"INFO", "memory"}).text;
        return std::stoll(info.substr(info.find("used_memory:") + 12));
    };
    constexpr int kEntries = 3000;
    constexpr int kBatch = 20;
    const std::string note(30, 'n');
    client.cmd({"SELECT", "9"});
    for (int i = 0; i < 50; ++i) used();  // the connection's buffers have their size
    const int64_t before = used();
    rdb_check::MemoryEstimate estimate(rdb_check::RedisRules::k7_0);
    estimate.begin(rdb_check::ValueKind::kStream);
    client.cmd({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < kEntries; i += kBatch) {  // so that the buffers stay as they are
        for (int k = i; k < i + kBatch; ++k)
            client.append(
                {"XADD", "s", fmt::format("{}-1", 1000 + k), "kind", "click", "note", note});
        client.append({"XREADGROUP", "GROUP", "g", "worker", "COUNT", fmt::to_string(kBatch),
                       "STREAMS", "s", ">"});
        REQUIRE(client.flush());
        for (int k = 0; k <= kBatch; ++k) REQUIRE_FALSE(client.read_reply().is_error());
    }
    const auto grown = static_cast<double>(used() - before);
    // An entry takes 52 bytes of a node of 4 KiB: flags, ids, two values, their lengths.
    for (int node = 0; node < kEntries * 52 / 4096; ++node) estimate.stream_node(4096);
    estimate.stream_group(1);
    estimate.stream_consumer(6);
    for (int i = 0; i < kEntries; ++i) estimate.stream_pending();
    const double ratio = static_cast<double>(estimate.redis_bytes(1, false)) / grown;
    MESSAGE("estimate / used_memory = ", ratio);
    CHECK(ratio > 0.7);
    CHECK(ratio < 1.4);
    client.cmd({"DEL", "s"});
}

TEST_CASE("rdb_report/shop: the lists of the largest keys are right") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    const auto report = dump->report({"--top", "5"});
    const Value& top = report["top"];
    CHECK(top["size"].Size() == 5);
    CHECK(top["elements"][0]["key"].GetString() == std::string("user:all:banned"));
    CHECK(number(top["elements"][0], "elements") == 2000);
    CHECK(top["largest_element"][0]["key"].GetString() == std::string("cache:sitemap"));
    CHECK(number(top["largest_element"][0], "largest_element") == 300'000);
    CHECK(number(top["largest_element"][2], "largest_element") == 20'000);
    for (unsigned i = 1; i < 5; ++i)
        CHECK(number(top["size"][i - 1], "file_bytes") >= number(top["size"][i], "file_bytes"));
}

TEST_CASE("rdb_report/shop: a filter reports on what passes it, and nothing else") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    const auto sessions = dump->report({"--key", "session:*"});
    CHECK(number(sessions["summary"], "keys") == 800);
    const auto large = dump->report({"--where", "type=zset and elements>=1000"});
    CHECK(number(large["summary"], "keys") == 3);
    CHECK(number(large["summary"], "elements") == 3000);
    const auto one_db = dump->report({"--db", "5"});
    CHECK(number(one_db["summary"], "keys") == 30);
}

TEST_CASE("rdb_report/shop: ids fold, so that parts of a key add up over all ids") {
    const ShopDump* dump = shop();
    if (dump == nullptr) return;
    const auto report = dump->report({"--fold-ids"});
    std::map<std::string, uint64_t> keys;
    for (const Value& row : report["prefixes"]["largest"].GetArray())
        keys[row["prefix"].GetString()] = number(row, "keys");
    CHECK(keys["user:*:profile"] == 300);
    CHECK(keys["session:*"] == 800);
}

}  // namespace tidemark::rdb_report
