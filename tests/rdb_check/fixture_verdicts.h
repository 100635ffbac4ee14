// What rdb-check is expected to say of each dump of the fixtures.
#pragma once

#include <span>
#include <string_view>

namespace tidemark::rdb_check {

struct FixtureVerdict {
    std::string_view path;
    int check_exit;  // with --strict: 6 for warnings
    int fix_exit;
    int salvage_exit;
    std::string_view says;      // a finding, or a part of the verdict
    bool is_exception = false;  // redis-server 7.0.15 thinks otherwise; the comment says why not
};

std::span<const FixtureVerdict> fixture_verdicts();

}  // namespace tidemark::rdb_check
