#include "aof/increment_file.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "tests/support/sim_disk.h"

using namespace tidemark;
using namespace tidemark::testing;

namespace {

constexpr uint64_t kWindowBytes = 16 * 1024;

// An increment with a window ahead that is durable.
struct Written {
    SimDisk disk;
    Random random{1};
    aof::IncrementFile file{*disk.open("log", io::OpenMode::kCreateNew), "log", 0};
    uint64_t direct_writes = 0;

    void settle_window() {
        while (file.window_left() < kWindowBytes / 2) {
            REQUIRE(file.extend_window(kWindowBytes).has_value());
        }
        if (!file.window_is_new()) return;
        file.on_sync_start();
        REQUIRE(file.file().data_sync().has_value());
        file.on_sync_done();
    }
    void write(const std::string& group) {
        REQUIRE(file.write(group, nullptr).has_value());
        file.on_sync_start();
        REQUIRE(file.file().data_sync().has_value());
        file.on_sync_done();
    }
    void write_direct(const std::string& group) {
        if (!file.takes_direct(group.size())) return write(group);
        Done done;
        REQUIRE(file.begin_direct().has_value());
        file.take_direct(group);
        file.start_direct(done.operation);
        REQUIRE(disk.step(random));
        REQUIRE(done.result == static_cast<int32_t>(file.direct_bytes()));
        file.end_direct();
        ++direct_writes;
    }
    const std::string& contents() { return *disk.contents("log"); }

private:
    struct Done {
        io::Operation operation;
        int32_t result = 0;
        Done() { operation.bind<Done, &Done::on_done>(this); }
        void on_done(io::Completion completion) { result = completion.result; }
    };
};

}  // namespace

TEST_CASE("aof/increment file: past the page cache a group leaves the bytes that a write leaves") {
    Random random(11);
    Written plain;
    Written direct;
    for (int i = 0; i < 2'000; ++i) {
        // Mostly small, now and then over several blocks, and often up to a line's very end.
        size_t length = 1 + random.below(random.one_in(20) ? 9'000 : 300);
        const uint64_t to_line = 512 - (plain.file.position() + length) % 512;
        if (random.one_in(3)) length += to_line + random.below(5) - 2;
        const std::string group(length, static_cast<char>('a' + i % 26));
        for (Written* one : {&plain, &direct}) one->settle_window();
        plain.write(group);
        // A write between direct ones, so that the block has to be read again.
        if (random.one_in(10)) {
            direct.write(group);
        } else {
            direct.write_direct(group);
        }
        REQUIRE(plain.file.position() == direct.file.position());
        REQUIRE(plain.contents() == direct.contents());
    }
    CHECK(direct.direct_writes > 1'000);
}

TEST_CASE(
    "aof/increment file: nothing goes past the page cache before a sync has seen the window") {
    Written log;
    CHECK_FALSE(log.file.takes_direct(100));
    REQUIRE(log.file.extend_window(kWindowBytes).has_value());
    CHECK_FALSE(log.file.takes_direct(100));
    log.file.on_sync_start();
    CHECK_FALSE(log.file.takes_direct(100));
    log.file.on_sync_done();
    CHECK(log.file.takes_direct(100));
    CHECK_FALSE(log.file.takes_direct(kWindowBytes));
    REQUIRE(log.file.cut().has_value());
    CHECK_FALSE(log.file.takes_direct(100));
}

TEST_CASE("aof/increment file: a window that grew while a sync ran is not durable by it") {
    Written log;
    log.file.on_sync_start();
    REQUIRE(log.file.extend_window(kWindowBytes).has_value());
    log.file.on_sync_done();
    CHECK_FALSE(log.file.takes_direct(100));
    CHECK(log.file.window_is_new());
}

TEST_CASE("aof/increment file: behind a group there is room for the next, up to a folio") {
    constexpr uint64_t kFolioBytes = 16 * 1024;
    Written log;
    log.write(std::string(700, 'a'));
    // Not behind what fills folios by itself.
    REQUIRE(log.file.fill_folio(kFolioBytes + 1, kFolioBytes).has_value());
    CHECK(log.file.window_left() == 0);
    std::string expected(700, 'a');
    for (int i = 0; i < 40; ++i) {
        const std::string group(1'024 + static_cast<size_t>(i) * 250,
                                static_cast<char>('b' + i % 9));
        log.write(group);
        expected += group;
        REQUIRE(log.file.fill_folio(group.size(), kFolioBytes).has_value());
        const uint64_t end = log.contents().size();
        CHECK(end % kFolioBytes == 0);
        CHECK(end - expected.size() < 2 * kFolioBytes);
        CHECK(log.contents().compare(0, expected.size(), expected) == 0);
        // Whatever is left of the line that the group ends in, and then whole ones.
        const std::string fill = log.contents().substr(expected.size());
        CHECK(fill.front() == '#');
        for (size_t at = 0; at < fill.size(); ++at) {
            const uint64_t in_line = (expected.size() + at) % 512;
            const bool ends = at >= 2 && in_line >= 510;
            REQUIRE(fill[at] == (!ends ? '#' : in_line == 510 ? '\r' : '\n'));
        }
    }
    REQUIRE(log.file.cut().has_value());
    CHECK(log.contents() == expected);
}
