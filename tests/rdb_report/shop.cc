#include "tests/rdb_report/shop.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "base/random.h"

namespace tidemark::rdb_report {

namespace {

using support::Client;
using support::CommandArgs;

// Sends in pipelines of a bounded length.
class Pipeline {
public:
    explicit Pipeline(Client& client) : client_(client) {}
    ~Pipeline() { drain(); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    void send(const CommandArgs& args) {
        client_.append(args);
        if (++waiting_ == 500) drain();
    }
    void drain() {
        REQUIRE(client_.flush());
        for (; waiting_ > 0; --waiting_) {
            const support::Reply reply = client_.read_reply();
            REQUIRE_MESSAGE(!reply.is_error(), reply.text);
            REQUIRE(!reply.lost());
        }
    }

private:
    Client& client_;
    int waiting_ = 0;
};

class Shop {
public:
    Shop(Client& client, int scale, uint64_t seed)
        : to_(client), random_(seed), scale_(static_cast<uint64_t>(scale)) {}

    void fill() {
        to_.send({"SELECT", "0"});
        sessions();
        users();
        carts();
        pages();
        counters();
        queues();
        leaderboards();
        events();
        to_.send({"SELECT", "1"});
        flags();
        to_.send({"SELECT", "5"});
        locks();
        to_.send({"SELECT", "0"});
    }

private:
    std::string text(uint64_t low, uint64_t high) {
        constexpr std::string_view kWords[] = {"tide ",   "harbour ", "buoy ",    "keel ", "mast ",
                                               "anchor ", "rope ",    "sextant ", "log ",  "bell "};
        std::string words;
        const uint64_t length = low + random_.below(high - low + 1);
        while (words.size() < length) words += kWords[random_.below(std::size(kWords))];
        words.resize(length);
        return words;
    }
    std::string uuid() {
        return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                           random_.below(uint64_t{1} << 32), random_.below(65536),
                           random_.below(4096), random_.below(4096),
                           random_.below(uint64_t{1} << 48));
    }
    std::string number(uint64_t below) { return fmt::to_string(random_.below(below)); }

    void sessions() {
        for (uint64_t i = 0; i < 800 * scale_; ++i) {
            const std::string key = "session:" + uuid();
            to_.send({"HSET", key, "user", number(100'000), "agent", text(40, 110), "ip",
                      fmt::format("10.{}.{}.{}", random_.below(256), random_.below(256),
                                  random_.below(256)),
                      "csrf", uuid()});
            to_.send({"EXPIRE", key, fmt::to_string(120 + random_.below(1800))});
        }
    }
    void users() {
        for (uint64_t i = 0; i < 300 * scale_; ++i) {
            const std::string key = fmt::format("user:{}", 1000 + i);
            to_.send({"HSET", key + ":profile", "name", text(8, 30), "email", text(12, 40),
                      "address", text(30, 120), "bio", text(0, 400)});
            to_.send({"SET", key + ":last-seen",
                      fmt::to_string(1'700'000'000 + random_.below(1u << 24))});
            for (uint64_t n = random_.below(12); n > 0; --n)
                to_.send({"SADD", key + ":wishes", fmt::format("item-{}", random_.below(5000))});
            for (uint64_t n = random_.below(40); n > 0; --n)
                to_.send({"SADD", key + ":friends", number(100'000)});
        }
        for (int i = 0; i < 2000; ++i) to_.send({"SADD", "user:all:banned", "u" + uuid()});
    }
    void carts() {
        for (uint64_t i = 0; i < 250 * scale_; ++i) {
            const std::string key = fmt::format("cart:{}", random_.below(100'000));
            for (uint64_t n = 1 + random_.below(8); n > 0; --n)
                to_.send({"HSET", key, fmt::format("item-{}", random_.below(5000)), number(9)});
            to_.send({"EXPIRE", key, fmt::to_string(86'400 * (1 + random_.below(14)))});
        }
    }
    void pages() {
        for (uint64_t i = 0; i < 200 * scale_; ++i) {
            to_.send({"SET", fmt::format("cache:page:/shop/{}/{}", text(5, 5), i), text(200, 6000),
                      "EX", fmt::to_string(120 + random_.below(600))});
        }
        for (uint64_t i = 0; i < 60 * scale_; ++i) {
            std::string image(100 + random_.below(4000), '\0');
            for (char& c : image) c = static_cast<char>(random_.next());
            to_.send({"SET", fmt::format("cache:thumb:{}", i), image, "EX", "86400"});
        }
        to_.send({"SET", "cache:sitemap", text(300'000, 300'000)});
    }
    void counters() {
        for (int day = 1; day <= 28; ++day) {
            to_.send({"SET", fmt::format("stats:2026-11-{:02}:visits", day), number(1'000'000)});
            for (int i = 0; i < 50; ++i)
                to_.send({"PFADD", fmt::format("stats:2026-11-{:02}:visitors", day), uuid()});
        }
        to_.send({"SETBIT", "stats:active", "250000", "1"});
    }
    void queues() {
        for (uint64_t i = 0; i < 1500 * scale_; ++i)
            to_.send({"RPUSH", "queue:mail",
                      fmt::format("{{\"to\":{},\"text\":\"{}\"}}", random_.below(100'000),
                                  text(20, 200))});
        for (int i = 0; i < 40; ++i) to_.send({"LPUSH", "queue:thumbs", uuid()});
        to_.send({"RPUSH", "queue:reports", text(20'000, 20'000), text(9'000, 9'000), "x"});
    }
    void leaderboards() {
        for (const char* game : {"chess", "go", "darts"}) {
            for (uint64_t i = 0; i < 1000 * scale_; ++i)
                to_.send({"ZADD", fmt::format("leaderboard:{}", game), number(1'000'000),
                          fmt::format("player-{}", i)});
        }
        for (uint64_t i = 0; i < 100 * scale_; ++i) {
            for (uint64_t n = 1 + random_.below(30); n > 0; --n)
                to_.send({"ZADD", fmt::format("recent:{}", i),
                          fmt::format("{}.5", random_.below(1000)), number(5000)});
        }
    }
    void events() {
        for (int shard = 0; shard < 4; ++shard) {
            const std::string key = fmt::format("events:{}", shard);
            for (uint64_t i = 0; i < 400 * scale_; ++i)
                to_.send({"XADD", key, fmt::format("{}-{}", 1'700'000'000'000 + i * 37, shard),
                          "kind", i % 3 == 0 ? "click" : "view", "item", number(5000), "note",
                          text(0, 60)});
            to_.send({"XGROUP", "CREATE", key, "billing", "0"});
            to_.send({"XREADGROUP", "GROUP", "billing", "worker-1", "COUNT", "100", "STREAMS", key,
                      ">"});
        }
    }
    void flags() {
        for (int i = 0; i < 60; ++i)
            to_.send({"SET", fmt::format("flag:{}", i), random_.one_in(2) ? "on" : "off"});
    }
    void locks() {
        for (int i = 0; i < 30; ++i) {
            to_.send({"SET", fmt::format("lock:order:{}", i), uuid(), "PX",
                      fmt::to_string(120'000 + random_.below(60'000))});
        }
    }

    Pipeline to_;
    Random random_;
    uint64_t scale_;
};

}  // namespace

void fill_shop(Client& client, int scale, uint64_t seed) {
    Shop(client, scale, seed).fill();
}

}  // namespace tidemark::rdb_report
