// What the encoder writes, against readers that are not ours: a real redis-server loads it and
// holds what it should.
#include <doctest/doctest.h>

#include "rdb/codec/encoder.h"
#include "rdb/codec/payload.h"
#include "rdb/codec/reader.h"
#include "rdb/codec/record_reader.h"
#include "rdb/codec/seal_reader.h"
#include "rdb/codec/types.h"
#include "tests/rdb/event_log.h"
#include "tests/rdb/fixtures.h"
#include "tests/rdb/redis_data.h"
#include "tests/rdb/samples.h"
#include "tests/rdb/server_view.h"

namespace tidemark::rdb {
namespace {

using support::Client;
using support::TempFolder;

struct Form {
    EncodeOptions encode;
    DumpOptions frame;
};

// Version 10 in every combination of options.
std::vector<Form> forms() {
    std::vector<Form> all;
    for (const Sealing sealing : {Sealing::kOn, Sealing::kOff}) {
        for (const Compression compression : {Compression::kLzf, Compression::kNone}) {
            for (const Packing packing : {Packing::kCompact, Packing::kPlain}) {
                all.push_back({{.version = 10, .compression = compression, .packing = packing},
                               {.version = 10, .sealing = sealing, .segment_bytes = 256 * 1024}});
            }
        }
    }
    return all;
}

template <class Tell>
std::string encoded(const Form& form, Tell&& tell) {
    StringSink out;
    DumpWriter dump(out, form.frame);
    Encoder encoder(dump, form.encode);
    REQUIRE(dump.begin());
    const Status status = tell(encoder);
    if (!status) FAIL("refused: " << status.error().what);
    REQUIRE(dump.finish());
    if (form.encode.loss == LossPolicy::kRefuse) CHECK(encoder.losses().total() == 0);
    return out.take();
}

// `dump` read and written again.
std::string converted(std::string_view dump, Form form) {
    MemoryInput input(dump);
    form.encode.source = &input;
    return encoded(form, [&](Encoder& to) -> Status {
        TM_TRY(Reader(input, to).read());
        return {};
    });
}

EventLog read(std::string_view dump, int version = 99) {
    EventLog log(version);
    MemoryInput input(dump);
    const auto summary = Reader(input, log).read();
    if (!summary) FAIL("refused: " << summary.error().what);
    return log;
}

Form of_version(int version, Dialect dialect = Dialect::kRedis) {
    return {{.dialect = dialect, .version = version}, {.dialect = dialect, .version = version}};
}

// A redis-server with everything in it, under a policy that makes it note idle time or frequency.
struct Original {
    explicit Original(const std::string& policy)
        : server(support::start_server(
              support::ServerKind::kRedis, folder.path(),
              {"--save", "", "--appendonly", "no", "--maxmemory-policy", policy})),
          client(server->connect()) {
        fill_every_encoding(client);
        REQUIRE(client.cmd({"SAVE"}).ok());
        dump = support::read_text_file(folder / "dump.rdb");
    }

    TempFolder folder;
    std::unique_ptr<support::ServerProcess> server;
    Client client;
    std::string dump;
};

void check_same_server(Original& original, std::string_view dump) {
    TempFolder folder;
    auto server = serve(folder.path(), dump);
    Client client = server->connect();
    CHECK(difference(view_of(original.client), view_of(client)) == "");
    CHECK(difference(encodings_of(original.client), encodings_of(client)) == "");
    CHECK(functions_of(original.client) == functions_of(client));
}

// What the version holds of it is the same; the rest is dropped.
void check_converted_down(std::string_view dump, int version) {
    CAPTURE(version);
    EventLog expected = read(dump, version);
    std::erase_if(expected.keys, [&](const auto& key) {
        const auto is = [&](std::string_view kind) {
            return key.second.find(kind) != std::string::npos;
        };
        return (version < 9 && is("stream nodes=")) || (version < 8 && is("module "));
    });
    Form form = of_version(version);
    form.encode.loss = LossPolicy::kDrop;
    CHECK(difference(expected.keys, read(converted(dump, form), version).keys) == "");
}

std::map<std::string, std::string> without_streams(std::map<std::string, std::string> keys) {
    std::erase_if(keys,
                  [](const auto& key) { return key.first.find("/stream") != std::string::npos; });
    return keys;
}

}  // namespace

TEST_CASE("rdb/roundtrip: redis-server holds what was encoded, in every form") {
    EventLog expected(8);
    REQUIRE(feed(samples(), expected));
    ServerView streams;
    for (const Form& form : forms()) {
        TempFolder folder;
        auto server =
            serve(folder.path(), encoded(form, [](Encoder& to) { return feed(samples(), to); }));
        Client client = server->connect();
        ServerView found = view_of(client);
        CHECK(found.size() == expected.keys.size());
        CHECK(difference(without_streams(expected.keys), without_streams(found)) == "");
        if (streams.empty()) streams = found;
        CHECK(difference(streams, found) == "");
    }
    CHECK(streams.size() == samples().size());
}

TEST_CASE("rdb/roundtrip: redis-server restores payloads, and they are what it would dump") {
    TempFolder folder;
    auto server = support::start_server(support::ServerKind::kRedis, folder.path(),
                                        {"--save", "", "--appendonly", "no"});
    Client client = server->connect();
    for (const Sample& one : samples()) {
        CAPTURE(one.name);
        PayloadSink payload;
        Encoder encoder(payload, {.version = 10, .form = RecordForm::kPayload});
        REQUIRE(encoder.begin_key(key_named(one.name, one.type)));
        REQUIRE(one.feed(encoder));
        REQUIRE(encoder.end_key(0));
        CHECK(client.cmd({"RESTORE", one.name, "0", payload.finish(10)}).ok());
        const std::string dumped = client.cmd({"DUMP", one.name}).text;
        CHECK(open_payload(dumped, 10));
    }
}

TEST_CASE(
    "rdb/roundtrip: redis-server's dump of everything, converted, is the same to redis-server") {
    Original original("noeviction");
    for (const Form& form : forms()) check_same_server(original, converted(original.dump, form));
    // By way of versions that it cannot read itself.
    for (const int version : {11, 12, 13}) {
        const std::string newer = converted(original.dump, of_version(version));
        check_same_server(original, converted(newer, of_version(10)));
    }
    const std::string valkey = converted(original.dump, of_version(80, Dialect::kValkey));
    check_same_server(original, converted(valkey, of_version(10)));
}

TEST_CASE("rdb/roundtrip: redis-server's dump is converted event by event, idle time included") {
    for (const char* policy : {"allkeys-lru", "allkeys-lfu"}) {
        const Original original(policy);
        const EventLog expected = read(original.dump);
        CHECK(expected.keys.size() > 100);
        CHECK(expected.functions.size() == 1);
        for (const int version : {10, 11, 12, 13}) {
            const EventLog found = read(converted(original.dump, of_version(version)));
            CHECK(difference(expected.keys, found.keys) == "");
            CHECK(found.functions == expected.functions);
            CHECK(found.aux_fields == expected.aux_fields);
        }
    }
}

TEST_CASE("rdb/roundtrip: every sample comes back from every version that holds it") {
    for (const int version : {6, 7, 8, 9, 10, 11, 12, 13, 80}) {
        CAPTURE(version);
        std::vector<Sample> all = samples();
        if (version < 9) {
            std::erase_if(all, [](const Sample& one) { return one.name.starts_with("stream"); });
        }
        if (version >= 12) {
            for (Sample& one : expiring_samples()) all.push_back(std::move(one));
        }
        EventLog expected(version);
        REQUIRE(feed(all, expected));
        Form form = of_version(version, version == 80 ? Dialect::kValkey : Dialect::kRedis);
        // The streams come back without the counters that this version has no place for.
        if (version == 9) form.encode.loss = LossPolicy::kDrop;
        for (const Packing packing : {Packing::kCompact, Packing::kPlain}) {
            form.encode.packing = packing;
            const EventLog found =
                read(encoded(form, [&](Encoder& to) { return feed(all, to); }), version);
            CHECK(difference(expected.keys, found.keys) == "");
        }
    }
}

TEST_CASE("rdb/roundtrip: the segments of a sealed dump, read each by itself, hold what it holds") {
    EventLog expected;
    REQUIRE(feed(samples(), expected));
    Form form = of_version(11);
    form.frame.segment_bytes = 4096;
    const std::string dump = encoded(form, [](Encoder& to) { return feed(samples(), to); });
    MemoryInput input(dump);
    const auto segments = read_index(input);
    REQUIRE(segments);
    CHECK(segments->size() > 10);
    EventLog found;
    // Any order will do; the last first.
    for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
        RecordReader records(input, found);
        if (segment->begin == 0) {
            REQUIRE(records.read_head());
        } else {
            records.start_at(segment->begin, {Dialect::kRedis, 11, segment->db});
        }
        uint64_t keys = 0;
        while (records.offset() < segment->end) {
            const auto record = records.next();
            REQUIRE(record);
            if ((*record)->kind != RecordKind::kKey) continue;
            REQUIRE(records.read_value());
            ++keys;
        }
        CHECK(records.offset() == segment->end);
        CHECK(keys == segment->keys);
        CHECK(records.state().db == segment->next_db);
    }
    CHECK(difference(expected.keys, found.keys) == "");
}

TEST_CASE("rdb/roundtrip: every sound fixture is the same after it was read and written") {
    const auto fixtures = rdb_fixtures();
    if (!fixtures) return;
    int files = 0;
    for (const Fixture& fixture : *fixtures) {
        const std::string dump = fixture.bytes();
        EventLog expected;
        MemoryInput input(dump);
        const auto summary = Reader(input, expected).read();
        if (!summary) continue;  // the reader's tests say which, and why
        CAPTURE(fixture.name);
        ++files;
        const bool is_valkey = summary->dialect == Dialect::kValkey;
        const EventLog found =
            read(converted(dump, is_valkey ? of_version(80, Dialect::kValkey) : of_version(13)));
        CHECK(difference(expected.keys, found.keys) == "");
        CHECK(found.functions == expected.functions);
        CHECK(found.aux_fields == expected.aux_fields);
        for (const int version : {6, 9, 10, 11, 12}) check_converted_down(dump, version);
    }
    CHECK(files > 50);
}

}  // namespace tidemark::rdb
