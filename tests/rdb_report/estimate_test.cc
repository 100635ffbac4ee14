// What values take in memory: of strings, against the server's own figures.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/in_process.h"
#include "tools/rdb_check/report/memory_estimate.h"

namespace tidemark::rdb_check {

namespace {

// ":123\r\n"
uint64_t integer_of(const std::string& reply) {
    REQUIRE(reply.starts_with(':'));
    return std::stoull(reply.substr(1));
}

}  // namespace

TEST_CASE("rdb_report/estimate: of a string it is what MEMORY USAGE says") {
    test::InProcess server;
    for (const size_t name_bytes : {1U, 16U, 254U, 255U, 2000U}) {
        const std::string name(name_bytes, 'n');
        for (const size_t bytes :
             {0U, 1U, 20U, 44U, 45U, 500U, 1024U, 1025U, 5000U, 131'056U, 131'057U, 1'000'000U}) {
            for (const bool expires : {false, true}) {
                const std::string value(bytes, 'v');
                server.run({"SET", name, value});
                if (expires) server.run({"EXPIRE", name, "1000"});
                MemoryEstimate estimate(RedisRules::k7_2);
                estimate.begin(ValueKind::kString);
                estimate.string(value, bytes);
                INFO(name_bytes, " ", bytes, " ", expires);
                CHECK(estimate.tidemark_bytes(name_bytes, expires) ==
                      integer_of(server.run({"MEMORY", "USAGE", name})));
            }
        }
    }
}

TEST_CASE("rdb_report/estimate: integers are integers, and only canonical ones") {
    for (const auto& [text, encoding] :
         {std::pair{"12", "int"}, std::pair{"-9223372036854775808", "int"},
          std::pair{"9223372036854775808", "embstr"}, std::pair{"007", "embstr"},
          std::pair{"", "embstr"}}) {
        MemoryEstimate estimate(RedisRules::k7_2);
        estimate.begin(ValueKind::kString);
        estimate.string(text, std::string_view(text).size());
        CHECK(estimate.string_encoding() == std::string_view(encoding));
    }
}

TEST_CASE("rdb_report/estimate: a string that came in parts is as long as was said") {
    MemoryEstimate estimate(RedisRules::k7_2);
    estimate.begin(ValueKind::kString);
    estimate.string("7", 5'000'000);
    CHECK(estimate.string_encoding() == "raw");
    CHECK(estimate.redis_bytes(1, false) > 5'000'000);
    estimate.begin(ValueKind::kSet);
    estimate.element("7", 5'000'000);
    CHECK(estimate.redis_bytes(1, false) > 5'000'000);
}

TEST_CASE("rdb_report/estimate: Redis 7.2 packs small sets, 7.0 does not") {
    MemoryEstimate old_rules(RedisRules::k7_0);
    MemoryEstimate new_rules(RedisRules::k7_2);
    for (MemoryEstimate* estimate : {&old_rules, &new_rules}) {
        estimate->begin(ValueKind::kSet);
        for (const char* member : {"a", "b", "c"}) estimate->element(member, 1);
    }
    CHECK(new_rules.redis_bytes(1, false) < old_rules.redis_bytes(1, false));
}

TEST_CASE("rdb_report/estimate: block sizes go up in classes and never below the request") {
    uint64_t last = 0;
    for (uint64_t bytes = 0; bytes < 300'000; bytes += 7) {
        const uint64_t block = allocated(bytes);
        REQUIRE(block >= bytes);
        REQUIRE(block >= last);
        REQUIRE(block <= std::max<uint64_t>(bytes + bytes / 4 + 16, 16));
        last = block;
    }
    CHECK(allocated(UINT64_MAX) == UINT64_MAX);
}

}  // namespace tidemark::rdb_check
