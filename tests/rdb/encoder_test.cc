#include "rdb/codec/encoder.h"

#include <doctest/doctest.h>

#include "rdb/codec/payload.h"
#include "rdb/codec/types.h"
#include "tests/rdb/dump.h"
#include "tests/rdb/samples.h"

namespace tidemark::rdb {
namespace {

// A dump of what `tell` tells an encoder.
template <class Tell>
Result<std::string> encoded(EncodeOptions options, Tell&& tell, Sealing sealing = Sealing::kOff) {
    StringSink out;
    DumpWriter dump(out, {.dialect = options.dialect,
                          .version = options.version,
                          .sealing = sealing,
                          .segment_bytes = 64 * 1024});
    Encoder encoder(dump, options);
    TM_CHECK(dump.begin());
    TM_CHECK(tell(encoder));
    TM_CHECK(dump.finish());
    return out.take();
}

// Type and value of one key as they stand in the file.
std::string value_bytes(const Sample& sample, EncodeOptions options) {
    options.form = RecordForm::kPayload;
    PayloadSink payload;
    Encoder encoder(payload, options);
    KeyRecord key = key_named("not in it", sample.type);
    key.expire_at_ms = 1;
    REQUIRE(encoder.begin_key(key));
    const Status status = sample.feed(encoder);
    if (!status) FAIL(sample.name << ": " << status.error().what);
    REQUIRE(encoder.end_key(0));
    const std::string bytes = payload.finish(options.version);
    const auto opened = open_payload(bytes, 80);
    REQUIRE(opened);
    CHECK(opened->version == options.version);
    return static_cast<char>(opened->type) + std::string(opened->value);
}

const Sample& sample(const std::string& name) {
    static const std::vector<Sample> all = [] {
        std::vector<Sample> both = samples();
        for (Sample& one : expiring_samples()) both.push_back(std::move(one));
        return both;
    }();
    for (const Sample& one : all) {
        if (one.name == name) return one;
    }
    FAIL("no sample " << name);
    return all.front();
}

int type_of(const std::string& name, EncodeOptions options = {}) {
    return static_cast<uint8_t>(value_bytes(sample(name), options)[0]);
}

EncodeOptions version(int number) {
    return {.version = number};
}

}  // namespace

TEST_CASE("rdb/encoder: attributes, name and value of a key are in Redis's order") {
    const auto bytes = encoded({}, [](Encoder& to) -> Status {
        TM_CHECK(to.select_db(0));
        KeyRecord key = key_named("k");
        key.expire_at_ms = 1'000'000'000'000;
        key.idle_seconds = 10;
        key.frequency = 7;
        TM_CHECK(to.begin_key(key));
        TM_CHECK(to.string("-129"));
        TM_CHECK(to.end_key(0));
        return to.end();
    });
    REQUIRE(bytes);
    CHECK(*bytes ==
          dump("\xfe\0\xfc\0\x10\xa5\xd4\xe8\0\0\0\xf8\x0a\xf9\x07\0\x01k\xc1\x7f\xff"_b));
}

TEST_CASE("rdb/encoder: hints come where they came, and those of seals are left out") {
    const auto tell = [](Encoder& to) -> Status {
        to.aux("redis-ver", "7.4.1");
        to.aux("tm-seal", "stale");
        to.aux("redis-bits", "64");
        TM_CHECK(to.select_db(3));
        to.resize_db(1, 0);
        to.slot_info(9, 1, 0);
        return to.end();
    };
    const std::string common =
        "\xfa\x09redis-ver\x05"
        "7.4.1\xfa\x0aredis-bits\xc0\x40\xfe\x03\xfb\x01\0"_b;
    CHECK(*encoded({}, tell) == dump(common));
    CHECK(*encoded(version(12), tell) == dump(common + "\xf4\x09\x01\0"_b, "REDIS0012"));
    CHECK(*encoded(version(6), tell) == dump("", "REDIS0006"));
}

TEST_CASE("rdb/encoder: small collections are compact up to Redis's limits") {
    CHECK(type_of("list") == 18);
    CHECK(type_of("list-nodes") == 18);
    CHECK(type_of("list-large") == 1);
    CHECK(type_of("set-intset-16") == 11);
    CHECK(type_of("set-intset-64") == 11);
    CHECK(type_of("set-integers") == 2);
    CHECK(type_of("set-words") == 20);
    CHECK(type_of("set-many-words") == 2);
    CHECK(type_of("set-late-word") == 2);
    CHECK(type_of("set-long-word") == 2);
    CHECK(type_of("zset") == 17);
    CHECK(type_of("zset-many") == 5);
    CHECK(type_of("zset-long") == 5);
    CHECK(type_of("hash") == 16);
    CHECK(type_of("hash-many") == 4);
    CHECK(type_of("hash-long") == 4);
}

TEST_CASE("rdb/encoder: plain forms are used when asked for") {
    const EncodeOptions plain{.packing = Packing::kPlain};
    CHECK(type_of("list", plain) == 1);
    CHECK(type_of("set-intset-16", plain) == 2);
    CHECK(type_of("set-words", plain) == 2);
    CHECK(type_of("zset", plain) == 5);
    CHECK(type_of("hash", plain) == 4);
    CHECK(type_of("expiring", {.version = 12, .packing = Packing::kPlain}) == 24);
}

TEST_CASE("rdb/encoder: each version gets only types that it has") {
    CHECK(type_of("set-words", version(10)) == 2);
    CHECK(type_of("hash", version(9)) == 4);
    CHECK(type_of("list", version(9)) == 1);
    CHECK(type_of("zset", version(8)) == 5);
    CHECK(type_of("zset", version(7)) == 3);
    CHECK(type_of("set-intset-64", version(6)) == 11);
    const EncodeOptions lossy{.version = 9, .loss = LossPolicy::kDrop};
    CHECK(type_of("stream", lossy) == 15);
    CHECK(type_of("stream", version(10)) == 19);
    CHECK(type_of("stream", version(11)) == 21);
    CHECK(type_of("stream", version(13)) == 21);
    for (const Sample& one : samples()) {
        for (const int number : {9, 10, 11, 12, 13}) {
            const EncodeOptions options{.version = number, .loss = LossPolicy::kDrop};
            const auto type = static_cast<uint8_t>(value_bytes(one, options)[0]);
            CHECK(find_type(Dialect::kRedis, type)->since <= number);
        }
    }
}

TEST_CASE("rdb/encoder: field expiry is written in 12's forms and Valkey's") {
    CHECK(type_of("expiring", version(12)) == 25);
    CHECK(type_of("expiring-many", version(12)) == 24);
    CHECK(type_of("expiring-long", version(12)) == 24);
    CHECK(type_of("expiring-large", version(12)) == 24);
    CHECK(type_of("expiring-ends", version(12)) == 25);
    CHECK(type_of("expiring-nothing", version(12)) == 16);
    CHECK(type_of("expiring-nothing-many", version(12)) == 4);
    CHECK(type_of("expiring", {.dialect = Dialect::kValkey, .version = 80}) == 22);
    CHECK(type_of("expiring-nothing", {.dialect = Dialect::kValkey, .version = 80}) == 16);
    // Earliest; length 1: expiry less that, plus one.
    CHECK(value_bytes({"", 24,
                       [](ValueSink& to) -> Status {
                           TM_CHECK(to.begin_hash(1));
                           TM_CHECK(to.field("f"));
                           return to.field_value(std::string(65, 'v'), 1000);
                       }},
                      version(12))
              .starts_with("\x18\xe8\x03\0\0\0\0\0\0\x01\x01\x01"
                           "f"_b));
}

TEST_CASE("rdb/encoder: what a version cannot hold is refused, or dropped and counted") {
    const auto refused = [](const std::string& name, int number) {
        const auto bytes = encoded(version(number),
                                   [&](Encoder& to) -> Status { return feed({sample(name)}, to); });
        return !bytes && bytes.error().code == ErrorCode::kUnsupported;
    };
    CHECK(refused("expiring", 11));
    CHECK(refused("expiring-large", 10));
    CHECK(refused("stream", 8));
    CHECK(refused("stream", 9));
    CHECK(refused("stream-empty", 9));
    CHECK_FALSE(refused("stream", 10));
    CHECK_FALSE(refused("expiring-nothing", 11));

    StringSink out;
    DumpWriter dump(out, {.version = 8, .sealing = Sealing::kOff});
    Encoder encoder(dump, {.version = 8, .loss = LossPolicy::kDrop});
    REQUIRE(dump.begin());
    REQUIRE(feed({sample("stream"), sample("expiring"), sample("string")}, encoder));
    REQUIRE(encoder.function("#!lua name=f"));
    REQUIRE(encoder.module_value("module", 0, 0));
    REQUIRE(encoder.module_aux("module", 0, 0));
    REQUIRE(dump.finish());
    CHECK(dump.keys() == 2);
    const Losses expected{
        .field_expiries = 7, .streams = 1, .functions = 1, .module_values = 1, .module_aux = 1};
    CHECK(encoder.losses() == expected);
}

TEST_CASE("rdb/encoder: a collection without elements is not written") {
    for (auto begin : {&ValueSink::begin_list, &ValueSink::begin_set, &ValueSink::begin_zset,
                       &ValueSink::begin_hash}) {
        const auto bytes = encoded({}, [&](Encoder& to) -> Status {
            TM_CHECK(to.begin_key(key_named("empty")));
            TM_CHECK((to.*begin)(0));
            return to.end_key(0);
        });
        CHECK(*bytes == dump(""));
    }
}

TEST_CASE("rdb/encoder: a module's value is copied from what is read") {
    const std::string file = "....module.bytes....";
    MemoryInput input(file);
    const auto tell = [](Encoder& to) -> Status {
        TM_CHECK(to.begin_key(key_named("m")));
        TM_CHECK(to.module_value("module", 4, 16));
        return to.end_key(0);
    };
    CHECK(*encoded({.source = &input}, tell) == dump("\xfe\0\x07\x01mmodule.bytes"_b));
    CHECK_FALSE(encoded({}, tell));
}

TEST_CASE("rdb/payload: a payload with any byte changed, or cut, is refused") {
    PayloadSink sink;
    Encoder encoder(sink, {.form = RecordForm::kPayload});
    REQUIRE(encoder.begin_key(key_named("k")));
    REQUIRE(encoder.string("value"));
    REQUIRE(encoder.end_key(0));
    const std::string bytes = sink.finish(11);
    CHECK(open_payload(bytes, 11)->value == "\x05value");
    CHECK(open_payload(bytes, 10).error().code == ErrorCode::kUnsupported);
    for (size_t i = 0; i < bytes.size(); ++i) {
        CHECK_FALSE(open_payload(std::string_view(bytes).substr(0, i), 11));
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        CHECK(open_payload(flipped, 11).error().code == ErrorCode::kCorrupt);
    }
    Collector found;
    REQUIRE(read_dump(dump_of(*open_payload(bytes, 11), "k"), found));
    CHECK(found.keys == std::vector<std::string>{"0/k = value"});
}

}  // namespace tidemark::rdb
