#include "tools/rdb_check/report/prefix_tree.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "tests/support/server_process.h"

namespace tidemark::rdb_check {

namespace {

Amounts bytes_of(uint64_t bytes) {
    return {1, 1, bytes, 2 * bytes, 3 * bytes};
}

PrefixOptions options_with(size_t nodes_max) {
    PrefixOptions options;
    options.nodes_max = nodes_max;
    return options;
}

const PrefixTree::Row* find(const std::vector<PrefixTree::Row>& rows, std::string_view prefix) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const PrefixTree::Row& one) { return one.prefix == prefix; });
    return row == rows.end() ? nullptr : &*row;
}

uint64_t bytes_in(const std::vector<PrefixTree::Row>& rows, std::string_view prefix) {
    const PrefixTree::Row* row = find(rows, prefix);
    return row == nullptr ? 0 : row->amounts.file_bytes;
}

}  // namespace

TEST_CASE("rdb_report/prefixes: every level that ends with the separator adds up") {
    PrefixTree tree({});
    for (const char* name :
         {"user:1:cart", "user:1:name", "user:2:cart", "queue:mail", "plain", ""})
        tree.add(name, bytes_of(10));
    const auto rows = tree.rows(100);
    CHECK(rows.front().amounts == Amounts{6, 6, 60, 120, 180});
    CHECK(bytes_in(rows, "user:") == 30);
    CHECK(bytes_in(rows, "user:1:") == 20);
    CHECK(bytes_in(rows, "user:2:") == 10);
    CHECK(bytes_in(rows, "queue:") == 10);
    CHECK(tree.nodes() == 4);
    CHECK(tree.is_exact());
}

TEST_CASE("rdb_report/prefixes: rows come as a walk, each level by falling bytes") {
    PrefixTree tree({});
    tree.add("a:x:1", bytes_of(1));
    tree.add("a:y:1", bytes_of(5));
    tree.add("b:z:1", bytes_of(50));
    std::string walk;
    for (const PrefixTree::Row& row : tree.rows(100))
        walk += fmt::format("{}{} ", row.level, row.prefix);
    CHECK(walk == "0 1b: 2b:z: 1a: 2a:y: 2a:x: ");
    CHECK(tree.rows(3).size() == 4);  // and the root
}

TEST_CASE("rdb_report/prefixes: separators of several characters, levels, none at all") {
    PrefixTree tree({.separator = "::", .levels_max = 2});
    tree.add("a::b::c::d", bytes_of(1));
    tree.add("::x", bytes_of(1));
    CHECK(find(tree.rows(9), "a::b::") != nullptr);
    CHECK(find(tree.rows(9), "a::b::c::") == nullptr);
    CHECK(find(tree.rows(9), "::") != nullptr);
    PrefixTree none({.separator = ""});
    none.add("a::b", bytes_of(1));
    CHECK(none.nodes() == 0);
}

TEST_CASE("rdb_report/prefixes: numbers and UUIDs fold to one, the last part counts then") {
    PrefixOptions options;
    options.fold_ids = FoldIds::kYes;
    PrefixTree tree(options);
    tree.add("user:1:cart", bytes_of(1));
    tree.add("user:23:cart", bytes_of(1));
    tree.add("session:0f8fad5b-d9cb-469f-a165-70867728950e", bytes_of(1));
    tree.add("session:deadbeef", bytes_of(1));  // no digit: a word
    const auto rows = tree.rows(100);
    CHECK(bytes_in(rows, "user:*:cart") == 2);
    CHECK(bytes_in(rows, "session:*") == 1);
    CHECK(bytes_in(rows, "session:deadbeef") == 1);
    CHECK(is_id("12"));
    CHECK_FALSE(is_id("1a"));
    CHECK_FALSE(is_id(""));
}

TEST_CASE("rdb_report/prefixes: segments that begin alike past what is shown stay apart") {
    PrefixTree tree({});
    const std::string alike(kSegmentShown + 10, 'x');
    tree.add(alike + "1:k", bytes_of(1));
    tree.add(alike + "2:k", bytes_of(1));
    CHECK(tree.nodes() == 2);
    CHECK(tree.rows(10)[1].segment.size() == kSegmentShown);
}

TEST_CASE("rdb_report/prefixes: past the bound the heavy ones stay, with their error known") {
    // One key in ten belongs to one of 20 heavy prefixes, the others have each their own.
    Random random(3);
    PrefixTree tree(options_with(kPrefixNodesMin));
    std::map<std::string, uint64_t> truth;
    uint64_t all = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::string prefix = random.one_in(10) ? fmt::format("heavy{}:", random.below(20))
                                                     : fmt::format("single{}:", i);
        const uint64_t bytes = 50 + random.below(100);
        tree.add(prefix + "k", bytes_of(bytes));
        truth[prefix] += bytes;
        all += bytes;
    }
    CHECK_FALSE(tree.is_exact());
    CHECK(tree.nodes() == kPrefixNodesMin);
    const auto rows = tree.rows(1000);
    CHECK(rows.front().amounts.file_bytes == all);
    for (const PrefixTree::Row& row : rows) {
        if (row.level == 0) continue;
        REQUIRE(row.amounts.file_bytes <= truth[row.prefix]);
        REQUIRE(row.amounts.file_bytes + row.missed_bytes >= truth[row.prefix]);
    }
    for (const auto& one : truth) {
        if (one.second > all / kPrefixNodesMin)
            CHECK_MESSAGE(find(rows, one.first) != nullptr, one.first);
    }
}

TEST_CASE("rdb_report/prefixes: past the bound a prefix still has at least what is below it") {
    Random random(4);
    PrefixTree tree(options_with(300));
    const int keys = support::rounds(200'000, 2'000'000);
    for (int i = 0; i < keys; ++i) {
        // Everything from a few heavy ones to all different, three levels deep.
        const uint64_t spread = uint64_t{1} << random.below(30);
        tree.add(fmt::format("{}:{}:{}:k", random.below(5), random.below(spread), random.below(9)),
                 bytes_of(1 + random.below(20)));
    }
    CHECK(tree.nodes() == 300);
    const auto rows = tree.rows(1000);
    REQUIRE(rows.size() == 301);
    for (size_t i = 0; i < rows.size(); ++i) {
        uint64_t below = 0;
        for (size_t k = i + 1; k < rows.size() && rows[k].level > rows[i].level; ++k)
            below += rows[k].level == rows[i].level + 1 ? rows[k].amounts.file_bytes : 0;
        REQUIRE(rows[i].amounts.file_bytes >= below);
    }
}

TEST_CASE("rdb_report/prefixes: a key of nothing but separators is a key like any other") {
    PrefixTree tree(options_with(kPrefixNodesMin));
    for (int i = 0; i < 1000; ++i) tree.add(std::string(static_cast<size_t>(i), ':'), bytes_of(1));
    CHECK(tree.nodes() == 8);
    CHECK(tree.rows(100).front().amounts.keys == 1000);
}

}  // namespace tidemark::rdb_check
