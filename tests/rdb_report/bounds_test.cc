// Memory: what the report keeps does not grow with the dump.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "base/random.h"
#include "tests/support/server_process.h"
#include "tools/rdb_check/report/statistics.h"

namespace tidemark::rdb_check {

namespace {

// Resident memory of this process.
uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    uint64_t total = 0;
    uint64_t resident = 0;
    statm >> total >> resident;
    return resident * 4096;
}

}  // namespace

TEST_CASE("rdb_report/bounds: distinct keys, prefixes, dbs and long names stay within 64 MiB") {
    const int keys = support::rounds(400'000, 100'000'000);
    StatisticsOptions options;
    options.top = kTopKeysMax;
    Random random(5);
    const uint64_t before = resident_bytes();
    Statistics statistics(options);
    std::string name;
    for (int i = 0; i < keys; ++i) {
        name = fmt::format("{:016x}:{:016x}:{}", random.next(), random.next(), i);
        if (i % 1000 == 0) name.append(kReportNameMax - name.size(), ':');
        KeyFigures key;
        key.db = random.below(1'000'000);
        key.name = name;
        key.name_bytes = name.size();
        key.slot = static_cast<uint16_t>(random.below(kSlots));
        key.type = "string";
        key.encoding = "raw";
        key.amounts = {1, 1, 50 + random.below(1000), 100, 100};
        key.expire_at_ms = static_cast<int64_t>(random.next() >> 1);
        statistics.add(key);
    }
    const uint64_t grown = resident_bytes() - std::min(before, resident_bytes());
    CHECK(statistics.all().keys == static_cast<uint64_t>(keys));
    CHECK_FALSE(statistics.prefixes().is_exact());
    CHECK(statistics.prefixes().nodes() == options.prefixes.nodes_max);
    MESSAGE(keys, " keys took ", grown / 1024, " KiB");
    // The sanitizers' own bookkeeping is not the report's.
    if (!support::sanitized()) CHECK(grown < 64 * 1024 * 1024);
}

}  // namespace tidemark::rdb_check
