// What a filter accepts, and what is said about one that cannot be read.
#include "tools/rdb_check/filter.h"

#include <doctest/doctest.h>

#include "rdb/codec/types.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/filter_parser.h"
#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

KeyFacts facts(std::string_view key = "user:1") {
    KeyFacts known;
    known.key = key;
    known.type = "hash";
    known.bytes = 2048;
    known.elements = 10;
    return known;
}

Filter filter_of(std::string_view text) {
    Filter filter;
    filter.set_now_ms(kNow);
    Result<Filter::Node> node = parse_filter(text);
    INFO(text);
    REQUIRE_MESSAGE(node.has_value(), node.error().what);
    filter.require(std::move(*node));
    return filter;
}

bool accepts(std::string_view text, const KeyFacts& known) {
    const Result<Verdict> verdict = filter_of(text).judge(known);
    REQUIRE(verdict.has_value());
    REQUIRE(*verdict != Verdict::kOpen);
    return *verdict == Verdict::kYes;
}

std::string complaint(std::string_view text) {
    const Result<Filter::Node> node = parse_filter(text);
    return node ? "none" : node.error().what;
}

TEST_CASE("rdb-check/filter: and binds tighter than or, not tightest, parentheses win") {
    const KeyFacts known = facts();  // a hash called user:1
    CHECK(accepts("type=hash or type=set and key=x", known));
    CHECK_FALSE(accepts("(type=hash or type=set) and key=x", known));
    CHECK(accepts("not type=set and key=user:1", known));
    CHECK_FALSE(accepts("not (type=set or key=user:1)", known));
    CHECK(accepts("NOT not type=hash AND ( key=user:1 )", known));
}

TEST_CASE("rdb-check/filter: the example of the manual chooses what it says") {
    const char* text = "type=hash and (key~'user:*' or ttl<60s) and not slot=0..8191";
    KeyFacts known = facts("user:1");  // slot 10778
    CHECK(accepts(text, known));
    known.type = "set";
    CHECK_FALSE(accepts(text, known));
    known = facts("item:0");
    REQUIRE(key_slot("item:0") > 8191);
    CHECK_FALSE(accepts(text, known));
    known.expire_at_ms = kNow + 59'999;
    CHECK(accepts(text, known));
    known = facts("user:2");
    REQUIRE(key_slot("user:2") <= 8191);
    CHECK_FALSE(accepts(text, known));
}

TEST_CASE("rdb-check/filter: numbers take lists, ranges with open ends, units and comparisons") {
    KeyFacts known = facts();
    known.db = 3;
    CHECK(accepts("db=0,3", known));
    CHECK(accepts("db=2..4", known));
    CHECK(accepts("db=3..", known));
    CHECK(accepts("db=..3", known));
    CHECK_FALSE(accepts("db!=3", known));
    CHECK_FALSE(accepts("db>3", known));
    CHECK(accepts("db>=3 and db<=3 and db<4 and db>2", known));
    CHECK(accepts("size=2k and size=2KB and size<1m and size>2047", known));
    CHECK(accepts("elements=10", known));
    known.idle_seconds = 90'000;
    CHECK(accepts("idle>1d and idle<=25h", known));
    known.frequency = 255;
    CHECK(accepts("freq=255", known));
}

TEST_CASE("rdb-check/filter: a ttl is what is left of it, also when nothing is") {
    KeyFacts known = facts();
    CHECK(accepts("ttl=none", known));
    CHECK_FALSE(accepts("ttl=any or ttl=expired or ttl<100d", known));
    known.expire_at_ms = kNow + 1500;
    CHECK(accepts("ttl=1500ms and ttl=any and ttl=1s..2s and ttl!=none", known));
    CHECK_FALSE(accepts("ttl=expired,none", known));
    known.expire_at_ms = kNow - 10'000;
    CHECK(accepts("ttl=expired and ttl<0 and ttl=any and ttl=-10", known));
    known.expire_at_ms = INT64_MIN;
    CHECK(accepts("ttl=expired", known));
}

TEST_CASE("rdb-check/filter: what the file does not say fits no number") {
    const KeyFacts known = facts();
    CHECK_FALSE(accepts("idle>=0", known));
    CHECK_FALSE(accepts("freq=0..255", known));
    CHECK(accepts("not idle>=0", known));
}

TEST_CASE("rdb-check/filter: keys match exactly, by glob, by regular expression, as bytes") {
    const KeyFacts known = facts(std::string_view("a b)\x00\xff", 6));
    CHECK(accepts(R"(key="a b)\x00\xff")", known));
    CHECK(accepts("key~'a b*' and key!~'b*' and key!='a b'", known));
    CHECK(accepts(R"(key=~'^a\sb\)' and not key=~"^b")", known));
    CHECK(accepts(R"(key~"?\x20*")", known));
    CHECK_FALSE(accepts("key=''", known));
}

TEST_CASE("rdb-check/filter: without its value a key is open only when that matters") {
    KeyFacts known = facts();
    known.bytes.reset();
    known.elements.reset();
    CHECK(*filter_of("size>1 and type=hash").judge(known) == Verdict::kOpen);
    CHECK(*filter_of("not elements=1").judge(known) == Verdict::kOpen);
    CHECK(*filter_of("size>1 and type=set").judge(known) == Verdict::kNo);
    CHECK(*filter_of("size>1 or type=hash").judge(known) == Verdict::kYes);
    CHECK(*Filter().judge(known) == Verdict::kYes);
}

TEST_CASE("rdb-check/filter: a regular expression that would run for hours gives up and says so") {
    const std::string key = std::string(40, 'a') + 'b';
    const Result<Verdict> verdict = filter_of("key=~'^(a+)+$'").judge(facts(key));
    REQUIRE_FALSE(verdict.has_value());
    CHECK(verdict.error().code == ErrorCode::kLimit);
}

TEST_CASE("rdb-check/filter: a mistake is named with its column") {
    CHECK(complaint("type=hash and typ=set").starts_with("column 15: 'typ' cannot be tested"));
    CHECK(complaint("") == complaint(" ").substr(0, 7) + "1" + complaint("").substr(8));
    CHECK(complaint("type=hahs").starts_with("column 6: 'hahs' is not a type; known are string"));
    CHECK(complaint("type<hash") == "column 5: type can only be compared with = !=");
    CHECK(complaint("db~1") == "column 3: db can only be compared with = != < <= > >=");
    CHECK(complaint("(db=1") == "column 1: this ( is not closed");
    CHECK(complaint("db=1)") == "column 5: this ) closes nothing");
    CHECK(complaint("db=1 type=set") == "column 6: 'and', 'or' or the end is missing");
    CHECK(complaint("db=") == "column 4: db is compared with nothing");
    CHECK(complaint("db=1,x").starts_with("column 6: 'x' is not a number for db"));
    CHECK(complaint("slot=16384") == "column 6: '16384' is too large for slot");
    CHECK(complaint("size=5..1") == "column 6: the range '5..1' ends before it begins");
    CHECK(complaint("key='a") == "column 5: this ' is not closed");
    CHECK(complaint(R"(key="\q")").starts_with("column 6: known escapes are"));
    CHECK(complaint("key=~'a(b'").starts_with("column 10: the regular expression is wrong"));
    CHECK(complaint("idle=99999999999999999999").starts_with("column 6: "));
    CHECK(complaint("size=9223372036854775807g").starts_with("column 6: "));
}

TEST_CASE("rdb-check/filter: nesting has an end, and no text crashes the parser") {
    const auto nested = [](size_t depth) {
        return std::string(depth, '(') + "db=1" + std::string(depth, ')');
    };
    CHECK(complaint(nested(kFilterDepthMax)) == "none");
    CHECK(complaint(nested(100'000)).ends_with("nested too deeply"));
    const std::string text = "not (type=hash,set or key~'a*') and ttl=1s..2s,none or key=\"\\x41\"";
    REQUIRE(complaint(text) == "none");
    for (size_t cut = 0; cut < text.size(); ++cut) {
        complaint(text.substr(0, cut));
        for (const char c : {'(', ')', '\'', '"', '=', '\0', '\xff', ' ', ','}) {
            std::string changed = text;
            changed[cut] = c;
            complaint(changed);
        }
    }
}

TEST_CASE("rdb-check/filter: simple options must all hold, of several keys any") {
    FilterOptions options;
    options.type = "hash,set";
    options.size = ">1k";
    options.keys = {"x*", "user:*"};
    options.regexes = {"^never$"};
    options.where = {"db=0"};
    options.now_s = 1'700'000'000;
    const Result<Filter> filter = make_filter(options, 0);
    REQUIRE(filter.has_value());
    KeyFacts known = facts();
    CHECK(*filter->judge(known) == Verdict::kYes);
    known.bytes = 1024;
    CHECK(*filter->judge(known) == Verdict::kNo);
    known = facts("z");
    CHECK(*filter->judge(known) == Verdict::kNo);
    CHECK(make_filter({}, 0)->accepts_everything());
}

TEST_CASE("rdb-check/filter: a mistake in a simple option names the option") {
    FilterOptions options;
    options.slot = "0..99999";
    CHECK(make_filter(options, 0).error().what ==
          "--slot: column 1: '99999' is too large for slot");
    options = {};
    options.regexes = {"["};
    CHECK(make_filter(options, 0).error().what.starts_with("--key-regex: column "));
    options = {};
    options.type = "~x";
    CHECK(make_filter(options, 0).error().what.starts_with("--type: column 1: "));
}

TEST_CASE("rdb-check/filter: a record's facts are those of its type") {
    rdb::KeyRecord record;
    record.db = 2;
    record.name = "k";
    record.frequency = 7;
    record.type = rdb::find_type(rdb::Dialect::kRedis, 16);
    KeyFacts known = facts_of(record);
    CHECK(known.type == "hash");
    CHECK((known.db == 2 && known.key == "k" && known.frequency == 7 && !known.idle_seconds));
    record.type = rdb::find_type(rdb::Dialect::kRedis, 7);
    CHECK(facts_of(record).type == "module");
}

TEST_CASE("rdb-check/filter: slots are those of a cluster, hash tags included") {
    CHECK(key_slot("123456789") == 0x31c3 % kSlots);
    CHECK(key_slot("") == 0);
    CHECK(key_slot("{user1000}.following") == key_slot("user1000"));
    CHECK(key_slot("foo{}{bar}") != key_slot("bar"));
    CHECK(key_slot("foo{{bar}}zap") == key_slot("{bar"));
    CHECK(key_slot("foo{bar}{zap}") == key_slot("bar"));
    CHECK(key_slot("foo{bar") != key_slot("bar"));
}

}  // namespace
}  // namespace tidemark::rdb_check
