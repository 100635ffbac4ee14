// What the encoder writes, against readers that are not ours: a real redis-server loads it and
// holds what it should.
#include <doctest/doctest.h>

#include "rdb/codec/encoder.h"
#include "rdb/codec/payload.h"
#include "rdb/codec/types.h"
#include "tests/rdb/event_log.h"
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
    CHECK(encoder.losses().total() == 0);
    return out.take();
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

}  // namespace tidemark::rdb
