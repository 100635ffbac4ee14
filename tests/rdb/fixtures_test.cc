// Every dump that others wrote, and damaged copies, get the verdict that is expected of them.
#include "tests/rdb/fixtures.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "rdb/codec/reader.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {
namespace {

// Counts, and keeps warnings.
class Counter final : public ValueSink {
public:
    void warning(const Finding& finding) override {
        ++warnings[std::string(row_of(finding.code).name)];
    }
    Status begin_key(const KeyRecord&) override { return {}; }
    Status end_key(uint64_t) override {
        ++keys;
        return {};
    }

    uint64_t keys = 0;
    std::map<std::string, int> warnings;
};

struct Verdict {
    Counter found;
    Result<Summary> summary = fail(ErrorCode::kInvalid, "not read");
    std::optional<Finding> finding;

    explicit Verdict(const std::string& bytes) {
        MemoryInput input(bytes);
        Reader reader(input, found);
        summary = reader.read();
        if (reader.finding() != nullptr) finding = *reader.finding();
    }
};

// The index does not count keys without elements, which the reader hands on with a warning.
uint64_t keys_of(const Fixture& fixture) {
    constexpr std::string_view kEmpty = "empty_keys=";
    const size_t at = fixture.extras.find(kEmpty);
    if (at == std::string::npos) return fixture.keys;
    return fixture.keys + std::stoul(fixture.extras.substr(at + kEmpty.size()));
}

}  // namespace

TEST_CASE("rdb/fixtures: each file gets the verdict of the index, with all its keys") {
    const auto fixtures = rdb_fixtures();
    if (!fixtures) return;
    size_t sound = 0;
    for (const Fixture& fixture : *fixtures) {
        CAPTURE(fixture.name);
        CAPTURE(fixture.reference);
        const Verdict verdict(fixture.bytes());
        if (!verdict.summary) CAPTURE(verdict.summary.error().what);
        if (fixture.is_sound()) {
            ++sound;
            if (!verdict.summary) FAIL_CHECK(verdict.summary.error().what);
        } else {
            CHECK_FALSE(verdict.summary);
            if (verdict.summary) continue;
            CHECK(verdict.finding);
        }
        CHECK(verdict.found.keys == keys_of(fixture));
    }
    CHECK(sound > 80);
}

TEST_CASE("rdb/fixtures: what the index warns of is warned of, and nowhere else") {
    const auto fixtures = rdb_fixtures();
    if (!fixtures) return;
    size_t warned = 0;
    for (const Fixture& fixture : *fixtures) {
        if (!fixture.is_sound()) continue;
        CAPTURE(fixture.name);
        CAPTURE(fixture.reference);
        const Verdict verdict(fixture.bytes());
        const auto says = [&](const char* what) {
            return fixture.reference.find(what) != std::string::npos;
        };
        CHECK(verdict.found.warnings.contains("stream-repairable") == says("WARN stream"));
        CHECK(verdict.found.warnings.contains("zipmap-count") == says("WARN zipmap"));
        CHECK(verdict.found.warnings.contains("checksum-absent") == (fixture.crc == "absent(0)"));
        warned += verdict.found.warnings.empty() ? 0 : 1;
    }
    CHECK(warned > 5);
}

}  // namespace tidemark::rdb
