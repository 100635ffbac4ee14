#include "tests/rdb/redis_data.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"

namespace tidemark::rdb {

namespace {

using support::Client;
using support::CommandArgs;

void run(Client& client, CommandArgs args) {
    const auto reply = client.cmd(args);
    if (reply.is_error() || reply.lost()) FAIL(args[0] << ": " << reply.text);
}

std::string noise(size_t bytes) {
    Random random(bytes);
    std::string text;
    while (text.size() < bytes) text += static_cast<char>(random.below(256));
    return text;
}

// The command with `count` texts behind it; each made from its number.
template <class Text>
void run_many(Client& client, CommandArgs args, int count, Text&& text) {
    for (int i = 0; i < count; ++i) {
        for (const std::string& one : text(i)) args.push_back(one);
    }
    run(client, std::move(args));
}

using Texts = std::vector<std::string>;

void fill_strings(Client& client) {
    for (const char* number :
         {"0", "-1", "127", "128", "-128", "-129", "32767", "32768", "-32769", "2147483647",
          "-2147483648", "2147483648", "9223372036854775807", "007", "-0", "1.5"}) {
        run(client, {"SET", fmt::format("string:{}", number), number});
        run(client, {"SET", number, "named by a number"});
    }
    run(client, {"SET", "string:empty", ""});
    run(client, {"SET", "string:binary", std::string("\0\r\n\xff", 4)});
    run(client, {"SET", "string:lzf", std::string(300'000, 'a')});
    run(client, {"SET", "string:noise", noise(100'000)});
    run(client, {"SET", "string:large", std::string(2'000'000, 'l') + noise(1'500'000)});
    run(client, {"SET", std::string(300, 'n'), "a long name"});
    run(client, {"SETBIT", "string:bits", "100000", "1"});
    run_many(client, {"PFADD", "hll:sparse"}, 20, [](int i) { return Texts{std::to_string(i)}; });
    run_many(client, {"PFADD", "hll:dense"}, 5000, [](int i) { return Texts{std::to_string(i)}; });
}

void fill_lists(Client& client) {
    run(client, {"RPUSH", "list:small", "a", "1", "", "-70000", "9223372036854775807"});
    run_many(client, {"RPUSH", "list:nodes"}, 5000,
             [](int i) { return Texts{fmt::format("element {}", i)}; });
    run(client, {"RPUSH", "list:wide", "a", noise(20'000), "b", std::string(9000, 'w')});
    run(client, {"RPUSH", "list:long", "a", std::string(1'500'000, 'w'), "b"});
}

void fill_sets(Client& client) {
    for (const int64_t width : {1LL, 1LL << 20, 1LL << 40}) {
        run_many(client, {"SADD", fmt::format("set:intset:{}", width)}, 100,
                 [&](int i) { return Texts{std::to_string((i - 50) * width)}; });
    }
    run_many(client, {"SADD", "set:integers"}, 600, [](int i) { return Texts{std::to_string(i)}; });
    run_many(client, {"SADD", "set:few"}, 10, [](int i) { return Texts{fmt::format("m{}", i)}; });
    run_many(client, {"SADD", "set:many"}, 3000,
             [](int i) { return Texts{fmt::format("m{}", i)}; });
    run(client, {"SADD", "set:wide", "1", std::string(100, 'w'), noise(5000)});
}

void fill_zsets(Client& client) {
    const Texts scores = {"0", "-0.0", "1.5", "-17", "inf", "-inf", "1e300", "0.1", "3e-310"};
    const auto pair = [&](int i) {
        return Texts{scores[static_cast<size_t>(i) % scores.size()], fmt::format("m{}", i)};
    };
    run_many(client, {"ZADD", "zset:small"}, 30, pair);
    run_many(client, {"ZADD", "zset:many"}, 2000, pair);
    run(client, {"ZADD", "zset:wide", "1", std::string(65, 'w'), "2", "x"});
}

void fill_hashes(Client& client) {
    const auto pair = [](int i) { return Texts{fmt::format("f{}", i), std::to_string(i * i)}; };
    run_many(client, {"HSET", "hash:small"}, 40, pair);
    run_many(client, {"HSET", "hash:limit"}, 512, pair);
    run_many(client, {"HSET", "hash:many"}, 4000, pair);
    run(client, {"HSET", "hash:wide", "f", noise(3000), std::string(65, 'f'), ""});
}

void fill_streams(Client& client) {
    for (int i = 1; i <= 500; ++i) {
        run(client, {"XADD", "stream:groups", fmt::format("{}-{}", i / 3 + 1, i), "f",
                     std::to_string(i), "g", std::string(static_cast<size_t>(i % 50), 'g')});
    }
    run(client, {"XADD", "stream:groups", "400-1", "other", "fields", "in", "this", "one", "!"});
    for (const char* id : {"1-1", "30-88", "100-300"}) run(client, {"XDEL", "stream:groups", id});
    run(client, {"XGROUP", "CREATE", "stream:groups", "readers", "0"});
    run(client, {"XGROUP", "CREATE", "stream:groups", "late", "$"});
    run(client,
        {"XREADGROUP", "GROUP", "readers", "one", "COUNT", "20", "STREAMS", "stream:groups", ">"});
    run(client,
        {"XREADGROUP", "GROUP", "readers", "two", "COUNT", "9", "STREAMS", "stream:groups", ">"});
    run(client, {"XACK", "stream:groups", "readers", "1-2", "2-3"});
    run(client, {"XGROUP", "CREATECONSUMER", "stream:groups", "readers", "idle"});
    run(client, {"XADD", "stream:empty", "5-5", "f", "v"});
    run(client, {"XDEL", "stream:empty", "5-5"});
    for (int i = 1; i <= 300; ++i) {
        run(client, {"XADD", "stream:trimmed", fmt::format("{}-0", i), "f", "v"});
    }
    run(client, {"XTRIM", "stream:trimmed", "MAXLEN", "17"});
    run(client, {"XADD", "stream:wide", "1-1", "f", noise(50'000)});
}

}  // namespace

void fill_every_encoding(Client& client) {
    fill_strings(client);
    fill_lists(client);
    fill_sets(client);
    run(client, {"SELECT", "1"});
    fill_zsets(client);
    fill_hashes(client);
    run(client, {"SELECT", "9"});
    fill_streams(client);
    for (int i = 0; i < 50; ++i) {
        run(client,
            {"SET", fmt::format("expires:{}", i), "v", "PX", std::to_string(5'000'000 + i)});
    }
    run(client, {"SELECT", "0"});
    run(client, {"PEXPIREAT", "list:small", "4000000000000"});
    run(client, {"FUNCTION", "LOAD",
                 "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"});
}

}  // namespace tidemark::rdb
