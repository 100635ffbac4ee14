#include "resp/reply.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

using namespace tidemark;
using resp::Protocol;
using resp::Reply;

namespace {

using Write = std::function<void(Reply&)>;

std::string written(Protocol protocol, const Write& write) {
    Buffer out;
    Reply reply(out, protocol);
    write(reply);
    return std::string(out.view());
}

struct Row {
    const char* name;
    Write write;
    const char* resp2;
    const char* resp3;
};

const Row kRows[] = {
    {"ok", [](Reply& r) { r.ok(); }, "+OK\r\n", "+OK\r\n"},
    {"simple", [](Reply& r) { r.simple("QUEUED"); }, "+QUEUED\r\n", "+QUEUED\r\n"},
    {"error", [](Reply& r) { r.error("ERR no"); }, "-ERR no\r\n", "-ERR no\r\n"},
    {"error with line ends", [](Reply& r) { r.error("ERR a\r\nb\r\n"); }, "-ERR a  b\r\n",
     "-ERR a  b\r\n"},
    {"integer 0", [](Reply& r) { r.integer(0); }, ":0\r\n", ":0\r\n"},
    {"integer 42", [](Reply& r) { r.integer(42); }, ":42\r\n", ":42\r\n"},
    {"integer -7", [](Reply& r) { r.integer(-7); }, ":-7\r\n", ":-7\r\n"},
    {"smallest integer", [](Reply& r) { r.integer(std::numeric_limits<int64_t>::min()); },
     ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
    {"empty bulk", [](Reply& r) { r.bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
    {"bulk of 12", [](Reply& r) { r.bulk("twelve bytes"); }, "$12\r\ntwelve bytes\r\n",
     "$12\r\ntwelve bytes\r\n"},
    {"bulk integer", [](Reply& r) { r.bulk_int(-123); }, "$4\r\n-123\r\n", "$4\r\n-123\r\n"},
    {"null", [](Reply& r) { r.null(); }, "$-1\r\n", "_\r\n"},
    {"null array", [](Reply& r) { r.null_array(); }, "*-1\r\n", "_\r\n"},
    {"array", [](Reply& r) { r.array(100); }, "*100\r\n", "*100\r\n"},
    {"map", [](Reply& r) { r.map(3); }, "*6\r\n", "%3\r\n"},
    {"set", [](Reply& r) { r.set(3); }, "*3\r\n", "~3\r\n"},
    {"push", [](Reply& r) { r.push(3); }, "*3\r\n", ">3\r\n"},
    {"double", [](Reply& r) { r.real(3.14); }, "$4\r\n3.14\r\n", ",3.14\r\n"},
    {"whole double", [](Reply& r) { r.real(1e15); }, "$16\r\n1000000000000000\r\n",
     ",1000000000000000\r\n"},
    {"inf", [](Reply& r) { r.real(INFINITY); }, "$3\r\ninf\r\n", ",inf\r\n"},
    {"-inf", [](Reply& r) { r.real(-INFINITY); }, "$4\r\n-inf\r\n", ",-inf\r\n"},
    {"true", [](Reply& r) { r.boolean(true); }, ":1\r\n", "#t\r\n"},
    {"false", [](Reply& r) { r.boolean(false); }, ":0\r\n", "#f\r\n"},
    {"big number", [](Reply& r) { r.big_number("123456789012345678901"); },
     "$21\r\n123456789012345678901\r\n", "(123456789012345678901\r\n"},
    {"verbatim", [](Reply& r) { r.verbatim("hello", "txt"); }, "$5\r\nhello\r\n",
     "=9\r\ntxt:hello\r\n"},
};

}  // namespace

TEST_CASE("resp/reply: every type has its form in both protocols") {
    for (const Row& row : kRows) {
        CAPTURE(row.name);
        CHECK(written(Protocol::kResp2, row.write) == row.resp2);
        CHECK(written(Protocol::kResp3, row.write) == row.resp3);
    }
}

TEST_CASE("resp/reply: a bulk is binary safe") {
    const std::string bytes("a\0\r\nb", 5);
    CHECK(written(Protocol::kResp2, [&](Reply& r) { r.bulk(bytes); }) ==
          std::string("$5\r\n") + bytes + "\r\n");
}

TEST_CASE("resp/reply: lengths of every width are written whole") {
    for (uint64_t length = 1; length < 10'000'000'000; length = length * 10 + 1) {
        CHECK(written(Protocol::kResp2, [&](Reply& r) { r.array(length); }) ==
              std::string("*") + std::to_string(length) + "\r\n");
        CHECK(written(Protocol::kResp2, [&](Reply& r) { r.array(length - 1); }) ==
              std::string("*") + std::to_string(length - 1) + "\r\n");
    }
}

TEST_CASE("resp/reply: replies follow each other in one buffer") {
    const std::string all = written(Protocol::kResp2, [](Reply& r) {
        r.array(2);
        r.bulk("k");
        r.integer(1);
        r.ok();
    });
    CHECK(all == "*2\r\n$1\r\nk\r\n:1\r\n+OK\r\n");
}

TEST_CASE("resp/reply: errors are counted and the newest code is kept") {
    Buffer out;
    Reply reply(out, Protocol::kResp2);
    CHECK(reply.error_count() == 0);
    reply.error("WRONGTYPE Operation against a key");
    CHECK(reply.last_error_code() == "WRONGTYPE");
    reply.error("ERR");
    CHECK(reply.last_error_code() == "ERR");
    reply.error(std::string(100, 'X'));
    CHECK(reply.last_error_code() == std::string(32, 'X'));
    CHECK(reply.error_count() == 3);
}
