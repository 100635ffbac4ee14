#include "resp/request_parser.h"

#include <doctest/doctest.h>

#include <chrono>

#include "base/random.h"
#include "resp/second_argument.h"

using namespace tidemark;
using resp::Limits;
using resp::Request;
using resp::RequestBatch;
using resp::RequestParser;
using State = RequestParser::State;

namespace {

using Words = std::vector<std::string>;

std::string framed(const Words& words) {
    std::string out("*");
    out.append(std::to_string(words.size())).append("\r\n");
    for (const std::string& word : words) {
        out.append("$").append(std::to_string(word.size())).append("\r\n");
        out.append(word).append("\r\n");
    }
    return out;
}

struct Parsed {
    std::vector<Words> requests;
    std::vector<std::string> canonical;
    State state = State::kNeedMore;
    std::string error;
    bool operator==(const Parsed&) const = default;
};

void collect(const RequestBatch& batch, Parsed& into) {
    for (const Request& request : batch.requests) {
        const auto args = batch.args_of(request);
        into.requests.emplace_back(args.begin(), args.end());
        into.canonical.emplace_back(request.canonical);
    }
}

// As a connection does it: bytes arrive in pieces that end at `cuts`, what was consumed is dropped.
Parsed parse_in_pieces(std::string_view bytes, const std::vector<size_t>& cuts,
                       const Limits& limits = {}) {
    RequestParser parser;
    Parsed parsed;
    std::string waiting;
    size_t from = 0;
    for (size_t piece = 0; piece <= cuts.size(); ++piece) {
        const size_t to = piece < cuts.size() ? cuts[piece] : bytes.size();
        waiting.append(bytes.substr(from, to - from));
        waiting = std::string(waiting.begin(), waiting.end());  // moves: old views would dangle
        from = to;
        RequestBatch batch;
        size_t consumed = 0;
        parsed.state = parser.parse(waiting, 1000, limits, batch, &consumed);
        collect(batch, parsed);
        waiting.erase(0, consumed);
        if (parsed.state == State::kError) {
            parsed.error = parser.error();
            break;
        }
    }
    return parsed;
}

Parsed parse(std::string_view bytes, const Limits& limits = {}) {
    return parse_in_pieces(bytes, {}, limits);
}

}  // namespace

TEST_CASE("resp/parser: a multibulk request becomes its arguments and keeps its bytes") {
    const std::string bytes = framed({"SET", "key", std::string("a\0\r\nb", 5)});
    const Parsed parsed = parse(bytes);
    REQUIRE(parsed.requests.size() == 1);
    CHECK(parsed.requests[0] == Words{"SET", "key", std::string("a\0\r\nb", 5)});
    CHECK(parsed.canonical[0] == bytes);
}

TEST_CASE("resp/parser: requests split at any byte, or at any two, parse the same") {
    const std::string bytes = framed({"SET", "key:0001", "some value of 20 b.."}) + "PING\r\n" +
                              "*0\r\n\r\nECHO \"a b\"\n" + framed({"GET", ""}) +
                              framed(Words(12, "twelve"));
    const Parsed whole = parse(bytes);
    REQUIRE(whole.requests.size() == 5);
    for (size_t first = 0; first <= bytes.size(); ++first) {
        CAPTURE(first);
        REQUIRE(parse_in_pieces(bytes, {first}) == whole);
        for (size_t second = first; second <= bytes.size(); second += 7) {
            REQUIRE(parse_in_pieces(bytes, {first, second}) == whole);
        }
    }
}

TEST_CASE("resp/parser: one byte at a time parses the same") {
    const std::string bytes = framed({"SET", "k", "v"}) + "PING x\r\n" + framed({"GET", "k"});
    std::vector<size_t> cuts(bytes.size());
    for (size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
    CHECK(parse_in_pieces(bytes, cuts) == parse(bytes));
}

TEST_CASE("resp/parser: it stops at max_requests and goes on from there") {
    const std::string bytes = framed({"PING"}) + framed({"PING"}) + framed({"PING"});
    RequestParser parser;
    RequestBatch batch;
    size_t consumed = 0;
    CHECK(parser.parse(bytes, 2, {}, batch, &consumed) == State::kFull);
    CHECK(batch.requests.size() == 2);
    CHECK(consumed == bytes.size() / 3 * 2);
    const std::string_view rest = std::string_view(bytes).substr(consumed);
    CHECK(parser.parse(rest, 2, {}, batch, &consumed) == State::kNeedMore);
    CHECK(batch.requests.size() == 3);
    CHECK(consumed == rest.size());
}

TEST_CASE("resp/parser: empty requests are skipped") {
    CHECK(parse("*0\r\n*-1\r\n\r\n\n   \r\nPING\r\n").requests == std::vector<Words>{{"PING"}});
}

TEST_CASE("resp/parser: inline lines may end in LF only and hold quotes") {
    CHECK(parse("PING\n").requests == std::vector<Words>{{"PING"}});
    CHECK(parse("SET k \"a b\"\r\nGET k\r\n").requests ==
          std::vector<Words>{{"SET", "k", "a b"}, {"GET", "k"}});
    CHECK(parse("PING\r\n").canonical == std::vector<std::string>{""});
}

TEST_CASE("resp/parser: bytes in place of a CRLF are taken, but are not canonical") {
    const Parsed behind_bulk = parse("*1\r\n$4\r\nPINGzz");
    CHECK(behind_bulk.requests == std::vector<Words>{{"PING"}});
    CHECK(behind_bulk.canonical == std::vector<std::string>{""});
    for (const char* bytes : {"*1\rX$4\r\nPING\r\n", "*1\r\n$4\rXPING\r\n"}) {
        const Parsed parsed = parse(bytes);
        CHECK(parsed.requests == std::vector<Words>{{"PING"}});
        CHECK(parsed.canonical == std::vector<std::string>{""});
    }
}

TEST_CASE("resp/parser: what is not canonical stays so when the request is split") {
    const std::string bytes = "*2\r\n$4\r\nECHOzz$10\r\n0123456789\r\n";
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        CHECK(parse_in_pieces(bytes, {cut}).canonical == std::vector<std::string>{""});
    }
}

TEST_CASE("resp/parser: errors have Redis's words") {
    const std::string prefix = "ERR Protocol error: ";
    struct Row {
        std::string bytes;
        std::string text;
    };
    const Row rows[] = {
        {"*a\r\n", "invalid multibulk length"},
        {"*\r\n", "invalid multibulk length"},
        {"*03\r\n", "invalid multibulk length"},
        {"*+3\r\n", "invalid multibulk length"},
        {"* 1\r\n", "invalid multibulk length"},
        {"*-0\r\n", "invalid multibulk length"},
        {"*2147483648\r\n", "invalid multibulk length"},
        {"*99999999999999999999999\r\n", "invalid multibulk length"},
        {"*1\r\n$a\r\n", "invalid bulk length"},
        {"*1\r\n$\r\n", "invalid bulk length"},
        {"*1\r\n$-1\r\n", "invalid bulk length"},
        {"*1\r\n$03\r\n", "invalid bulk length"},
        {"*1\r\n$00000003\r\nabc\r\n", "invalid bulk length"},
        {"*1\r\n$4294967299\r\nabc\r\n", "invalid bulk length"},
        {"*1\r\n$536870913\r\n", "invalid bulk length"},
        {"*1\r\nx4\r\nPING\r\n", "expected '$', got 'x'"},
        {"*1\r\n\r\n", "expected '$', got ' '"},
        {"*1\r\n\x01\r\n", "expected '$', got '\x01'"},
        {"*" + std::string(65'536, '1'), "too big mbulk count string"},
        {"*1\r\n$" + std::string(65'536, '1'), "too big bulk count string"},
        {std::string(65'537, 'a'), "too big inline request"},
        {"PING \"a\r\n", "unbalanced quotes in request"},
        {"PING 'a\r\n", "unbalanced quotes in request"},
        {"PING \"a\"b\r\n", "unbalanced quotes in request"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Parsed parsed = parse(row.bytes);
        CHECK(parsed.state == State::kError);
        CHECK(parsed.error == prefix + row.text);
        CHECK(parsed.requests.empty());
    }
}

TEST_CASE("resp/parser: a line just below its limit waits for more") {
    CHECK(parse("*" + std::string(65'535, '1')).state == State::kNeedMore);
    CHECK(parse("*1\r\n$" + std::string(65'535, '1')).state == State::kNeedMore);
    CHECK(parse(std::string(65'536, 'a')).state == State::kNeedMore);
}

TEST_CASE("resp/parser: a wrong type byte shows only when its line is complete") {
    CHECK(parse("*1\r\nxxxxxxxxxxxxxxxx").state == State::kNeedMore);
    CHECK(parse("*1\r\nxxxxxxxxxxxxxxxx\r").state == State::kNeedMore);
    CHECK(parse("*1\r\nxxxxxxxxxxxxxxxx\r\n").state == State::kError);
}

TEST_CASE("resp/parser: before authentication counts and lengths are small") {
    Limits limits;
    limits.unauthenticated = true;
    CHECK(parse("*10\r\n", limits).state == State::kNeedMore);
    CHECK(parse("*11\r\n", limits).error == "ERR Protocol error: unauthenticated multibulk length");
    CHECK(parse("*1\r\n$16384\r\n", limits).state == State::kNeedMore);
    CHECK(parse("*1\r\n$16385\r\n", limits).error ==
          "ERR Protocol error: unauthenticated bulk length");
    CHECK(parse("*2147483648\r\n", limits).error == "ERR Protocol error: invalid multibulk length");
}

TEST_CASE("resp/parser: requests ahead of a broken one are still taken") {
    const Parsed parsed = parse(framed({"PING"}) + "*x\r\n");
    CHECK(parsed.requests == std::vector<Words>{{"PING"}});
    CHECK(parsed.state == State::kError);
}

TEST_CASE("resp/parser: an announced count or length reserves nothing") {
    RequestParser parser;
    RequestBatch batch;
    size_t consumed = 0;
    const std::string bytes = "*2147483647\r\n$3\r\nSET\r\n$536870912\r\nx";
    CHECK(parser.parse(bytes, 16, {}, batch, &consumed) == State::kNeedMore);
    CHECK(consumed == 0);
    CHECK(batch.args.capacity() < 100);
    CHECK(parser.bytes_expected() == bytes.size() - 1 + 536870912 + 2);
}

TEST_CASE("resp/parser: a million arguments in 16 KiB pieces take linear time") {
    const auto timed = [](size_t count) {
        const std::string bytes = framed(Words(count, "x"));
        std::vector<char> buffer;
        RequestParser parser;
        RequestBatch batch;
        size_t consumed = 0;
        buffer.reserve(bytes.size());
        const auto start = std::chrono::steady_clock::now();
        for (size_t at = 0; at < bytes.size(); at += 16 * 1024) {
            const std::string_view piece = std::string_view(bytes).substr(at, 16 * 1024);
            buffer.insert(buffer.end(), piece.begin(), piece.end());
            parser.parse({buffer.data(), buffer.size()}, 16, {}, batch, &consumed);
        }
        const auto stop = std::chrono::steady_clock::now();
        REQUIRE(batch.requests.size() == 1);
        REQUIRE(batch.args.size() == count);
        REQUIRE(batch.requests[0].canonical.size() == bytes.size());
        return std::chrono::duration<double>(stop - start).count();
    };
    timed(100'000);
    const double small = timed(100'000);
    const double large = timed(1'000'000);
    // Ten times the work; quadratic would be a hundred. The rest is room for a busy machine.
    CHECK(large < small * 50 + 0.05);
}

TEST_CASE("resp/parser: mutated requests never read outside the input") {
    Random random(7);
    const std::string good = framed({"SET", "key", "value"}) + "GET \"k\"\r\n" +
                             framed({"MSET", "a", "1", "b", std::string(40, 'x')});
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = good;
        for (uint64_t change = random.below(4) + 1; change > 0; --change) {
            const size_t at = random.below(bytes.size());
            constexpr std::string_view kTelling = "*$\r\n019-\"' x";
            bytes[at] = kTelling[random.below(kTelling.size())];
        }
        const size_t cut = random.below(bytes.size());
        // An exact allocation, so that the sanitizer sees a byte too far.
        const std::vector<char> exact(bytes.begin(), bytes.end());
        const Parsed split = parse_in_pieces({exact.data(), exact.size()}, {cut});
        REQUIRE(split == parse({exact.data(), exact.size()}));
    }
}

TEST_CASE("resp/parser: a cleared batch gives back what one huge request took") {
    RequestBatch batch;
    batch.args.resize(1'000'000);
    batch.clear();
    CHECK(batch.args.capacity() == 0);
}

TEST_CASE("resp/second argument: is what the parser finds, and nothing where there is none") {
    CHECK(resp::second_argument(framed({"GET", "key:1"})) == "key:1");
    CHECK(resp::second_argument(framed({"SET", "k", "value"})) == "k");
    CHECK(resp::second_argument(framed({"PING"})).empty());
    CHECK(resp::second_argument("GET key\r\n").empty());
    CHECK(resp::second_argument("*2\r\n$9999999\r\nx").empty());
}

TEST_CASE("resp/second argument: bytes cut anywhere or random are read within their bounds") {
    const std::string whole = framed({"SET", "some-key", "some-value"});
    for (size_t cut = 0; cut <= whole.size(); ++cut) {
        const std::string bytes = whole.substr(0, cut);
        const std::string_view found = resp::second_argument(bytes);
        CHECK((found.empty() || found == "some-key"));
    }
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = whole;
        for (int flips = 0; flips < 3; ++flips) {
            bytes[random.below(bytes.size())] = "*$0123456789\r\nab"[random.below(16)];
        }
        const std::string_view found = resp::second_argument(bytes);
        CHECK(found.size() <= bytes.size());
    }
}
