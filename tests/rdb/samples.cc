#include "tests/rdb/samples.h"

#include <fmt/format.h>

#include <limits>

#include "engine/encoding/listpack.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

using Texts = std::vector<std::string>;

// In parts when it is long, as a reader gives it.
template <class Last>
Status give(ValueSink& sink, std::string_view text, Last&& last) {
    constexpr size_t kPart = 100'000;
    if (text.size() > kWholeStringMax) {
        TM_CHECK(sink.long_string(text.size()));
        for (; text.size() > kPart; text.remove_prefix(kPart)) {
            TM_CHECK(sink.part(text.substr(0, kPart)));
        }
    }
    return last(text);
}

Sample string_of(std::string name, std::string text) {
    return {std::move(name), 0, [text](ValueSink& sink) -> Status {
                return give(sink, text, [&](std::string_view rest) { return sink.string(rest); });
            }};
}

Sample list_of(std::string name, Texts elements) {
    return {std::move(name), 1, [elements](ValueSink& sink) -> Status {
                TM_CHECK(sink.begin_list(elements.size()));
                for (const std::string& one : elements) {
                    TM_CHECK(give(sink, one, [&](auto rest) { return sink.element(rest); }));
                }
                return Status();
            }};
}

Sample set_of(std::string name, Texts members) {
    return {std::move(name), 2, [members](ValueSink& sink) -> Status {
                TM_CHECK(sink.begin_set(members.size()));
                for (const std::string& one : members) {
                    TM_CHECK(give(sink, one, [&](auto rest) { return sink.member(rest); }));
                }
                return Status();
            }};
}

Sample zset_of(std::string name, Texts members, std::vector<double> scores) {
    return {std::move(name), 3, [members, scores](ValueSink& sink) -> Status {
                TM_CHECK(sink.begin_zset(members.size()));
                for (size_t i = 0; i < members.size(); ++i) {
                    const double score = scores[i % scores.size()];
                    TM_CHECK(give(sink, members[i],
                                  [&](auto rest) { return sink.scored(rest, score); }));
                }
                return Status();
            }};
}

// Texts are field, value ...; an expiry of -1 is none.
Sample hash_of(std::string name, uint8_t type, Texts texts, std::vector<int64_t> expiries = {-1}) {
    return {std::move(name), type, [texts, expiries](ValueSink& sink) -> Status {
                TM_CHECK(sink.begin_hash(texts.size() / 2));
                for (size_t i = 0; i < texts.size(); i += 2) {
                    const int64_t at = expiries[i / 2 % expiries.size()];
                    const std::optional<int64_t> expiry =
                        at == -1 ? std::nullopt : std::optional(at);
                    TM_CHECK(give(sink, texts[i], [&](auto rest) { return sink.field(rest); }));
                    TM_CHECK(give(sink, texts[i + 1],
                                  [&](auto rest) { return sink.field_value(rest, expiry); }));
                }
                return Status();
            }};
}

// Entries 5-1, 5-2 and 7-0, each with the field f.
std::string stream_node() {
    encoding::ListpackBuilder pack;
    for (const int64_t number : {3, 0, 1}) pack.append_integer(number);
    pack.append("f");
    pack.append_integer(0);
    int64_t value = 10;
    for (const auto& [ms, seq] :
         std::vector<std::pair<int64_t, int64_t>>{{0, 0}, {0, 1}, {2, -1}}) {
        for (const int64_t number : {int64_t{2}, ms, seq, value++, int64_t{4}}) {
            pack.append_integer(number);
        }
    }
    return std::string(pack.finish());
}

Status feed_stream_entries(ValueSink& sink) {
    int value = 10;
    for (const StreamId id : {StreamId{5, 1}, StreamId{5, 2}, StreamId{7, 0}}) {
        TM_CHECK(sink.stream_entry(id, 1));
        TM_CHECK(sink.stream_field("f"));
        TM_CHECK(sink.stream_value(std::to_string(value++)));
    }
    return {};
}

Status feed_stream(ValueSink& sink) {
    TM_CHECK(sink.begin_stream(1));
    TM_CHECK(sink.stream_node({5, 1}, stream_node()));
    TM_CHECK(feed_stream_entries(sink));
    TM_CHECK(sink.stream_state({3, {7, 0}, {5, 1}, {4, 2}, 9, 3}));
    TM_CHECK(sink.stream_group({"readers", {7, 0}, 8, 2}));
    TM_CHECK(sink.stream_pending({{5, 1}, 1'700'000'000'000, 1}));
    TM_CHECK(sink.stream_pending({{7, 0}, 1'700'000'000'001, 200}));
    TM_CHECK(sink.stream_consumers(2));
    TM_CHECK(sink.stream_consumer({"idle", 1'700'000'000'002, 1'700'000'000'002, 0}));
    TM_CHECK(sink.stream_consumer({"busy", 1'700'000'000'003, 1'700'000'000'003, 2}));
    TM_CHECK(sink.stream_owned({5, 1}));
    TM_CHECK(sink.stream_owned({7, 0}));
    TM_CHECK(sink.stream_group({"nobody", {0, 0}, kEntriesReadUnknown, 0}));
    TM_CHECK(sink.stream_consumers(0));
    TM_CHECK(sink.stream_group({"waiting", {5, 1}, kEntriesReadUnknown, 0}));
    TM_CHECK(sink.stream_consumers(1));
    return sink.stream_consumer({"one", 1'700'000'000'004, 1'700'000'000'004, 0});
}

Status feed_empty_stream(ValueSink& sink) {
    TM_CHECK(sink.begin_stream(0));
    return sink.stream_state({0, {9, 9}, {0, 0}, {9, 9}, 4, 0});
}

Texts numbered(size_t count, std::string_view before, size_t length = 0) {
    Texts texts;
    for (size_t i = 0; i < count; ++i) {
        std::string text = fmt::format("{}{}", before, i);
        if (text.size() < length)
            text.append(length - text.size(), static_cast<char>('a' + i % 26));
        texts.push_back(std::move(text));
    }
    return texts;
}

Texts joined(Texts one, const Texts& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

const std::vector<double> kScores = {0,
                                     -0.5,
                                     1e300,
                                     17,
                                     -17,
                                     9007199254740992,
                                     0.1,
                                     1e-9,
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity()};

}  // namespace

KeyRecord key_named(std::string_view name, uint8_t type) {
    KeyRecord key;
    key.name = name;
    key.type = find_type(Dialect::kRedis, type);
    return key;
}

std::vector<Sample> samples() {
    const std::string longest(2'500'000, 'z');
    std::string noise;
    for (uint64_t i = 0; i < 3'000'000; ++i) noise += static_cast<char>(i * i >> 7 & 0xff);
    return {
        string_of("string", "value"),
        string_of("string-empty", ""),
        string_of("string-integer", "-123456"),
        string_of("string-wide-integer", "12345678901234"),
        string_of("string-lzf", std::string(500, 'a') + "\r\n"),
        string_of("string-parts", noise),
        list_of("list", {"a", "1", "", "-70000", std::string(100, 'x')}),
        list_of("list-nodes", numbered(3000, "element-", 30)),
        list_of("list-wide", {"a", std::string(9000, 'w'), "b", std::string(8190, 'n')}),
        list_of("list-parts", {"a", longest, "b"}),
        list_of("list-large", numbered(70'000, "e", 60)),
        set_of("set-intset-16", {"3", "-1", "2"}),
        set_of("set-intset-64", numbered(512, "900000000")),
        set_of("set-integers", numbered(513, "")),
        set_of("set-words", joined(numbered(127, "w"), {"12"})),
        set_of("set-many-words", numbered(129, "w")),
        set_of("set-late-word", joined(numbered(500, ""), {"word"})),
        set_of("set-long-word", {"1", std::string(65, 'm')}),
        set_of("set-parts", {"1", longest}),
        zset_of("zset", numbered(128, "m"), kScores),
        zset_of("zset-many", numbered(129, "m"), kScores),
        zset_of("zset-long", joined(numbered(5, "m"), {std::string(65, 'm')}), kScores),
        zset_of("zset-parts", {"a", longest, "b"}, kScores),
        hash_of("hash", 4, numbered(1024, "t", 8)),
        hash_of("hash-many", 4, numbered(1026, "t", 8)),
        hash_of("hash-long", 4, {"a", "1", "b", std::string(65, 'v'), "c", ""}),
        hash_of("hash-parts", 4, {"a", longest, longest + "2", "x"}),
        {"stream", 21, feed_stream},
        {"stream-empty", 21, feed_empty_stream},
    };
}

std::vector<Sample> expiring_samples() {
    constexpr int64_t kAt = 4'000'000'000'000;
    const std::string longest(2'500'000, 'z');
    return {
        hash_of("expiring", 25, numbered(20, "t"), {kAt + 5, -1, kAt, kAt + 500'000'000'000}),
        hash_of("expiring-many", 24, numbered(1026, "t"), {kAt + 5, -1, kAt}),
        hash_of("expiring-long", 24, {"a", std::string(65, 'l'), "b", "1"}, {-1, kAt}),
        hash_of("expiring-large", 24, numbered(100'000, "t", 60), {kAt, -1, 17, kAt + 9}),
        hash_of("expiring-parts", 24, {"a", longest, longest + "f", "v"}, {kAt, kAt + 1}),
        hash_of("expiring-nothing", 25, numbered(20, "t")),
        hash_of("expiring-nothing-many", 24, numbered(1026, "t")),
        hash_of("expiring-ends", 25, numbered(6, "t"), {1, 2, (int64_t{1} << 48) - 1}),
    };
}

Status feed(const std::vector<Sample>& some, ValueSink& sink) {
    constexpr uint64_t kDbs[] = {0, 2, 5};
    const size_t a_third = (some.size() + 2) / 3;
    for (size_t i = 0; i < some.size(); ++i) {
        const uint64_t db = kDbs[i / a_third];
        if (i % a_third == 0) TM_CHECK(sink.select_db(db));
        KeyRecord key = key_named(some[i].name, some[i].type);
        key.db = db;
        if (i % 4 == 1) key.expire_at_ms = 4'000'000'000'000;
        if (i % 4 == 2) key.idle_seconds = 70;
        if (i % 4 == 3) key.frequency = 9;
        TM_CHECK(sink.begin_key(key));
        TM_CHECK(some[i].feed(sink));
        TM_CHECK(sink.end_key(0));
    }
    return sink.end();
}

}  // namespace tidemark::rdb
