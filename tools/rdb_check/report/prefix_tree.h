// What the keys below each prefix add up to: `user:`, `user:1234:`, ...
//
// A prefix ends with the separator. Exact while there are at most `nodes_max` of them. Beyond that
// it is Space-Saving (Metwally, Agrawal, El Abbadi) on a tree, weighted with bytes in the file: a
// new prefix takes the place of the leaf with the smallest estimate, and inherits that as what it
// may have missed. So whatever the file:
//
// 1. What a prefix is said to have is never more than it has, and less by at most `missed_bytes`.
// 2. With one level, a prefix with more bytes than (all bytes / leaves kept) is there. With more,
//    nearly so: a parent's share counts for its children.
// 3. What a prefix has is at least the sum of those below it: only leaves go.
// 4. Memory is bounded: nodes_max nodes with segments of at most kSegmentShown bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "tools/rdb_check/report/key_figures.h"

namespace tidemark::rdb_check {

enum class FoldIds : uint8_t { kNo, kYes };

struct PrefixOptions {
    std::string separator = ":";  // empty: no prefixes at all
    size_t levels_max = 8;
    size_t nodes_max = 100'000;  // at least kPrefixNodesMin
    // Numbers and long hexadecimal words (UUIDs) count as `*`, and the last part of a key is a
    // prefix, too: user:*:cart.
    FoldIds fold_ids = FoldIds::kNo;
};

inline constexpr size_t kPrefixLevelsMax = 32;
inline constexpr size_t kPrefixNodesMin = 256;  // more than a path has
inline constexpr size_t kPrefixNodesMax = 1'000'000;
// Longer segments are told apart by their hash and shown cut.
inline constexpr size_t kSegmentShown = 64;

class PrefixTree {
public:
    // In the order of a walk: a prefix, then those below it, each level by falling bytes.
    struct Row {
        size_t level = 0;  // 0: all keys
        std::string prefix;
        std::string segment;  // its last part, with the separator
        Amounts amounts;
        uint64_t missed_bytes = 0;  // at most
    };

    explicit PrefixTree(PrefixOptions options);

    void add(std::string_view name, const Amounts& amounts);

    const PrefixOptions& options() const { return options_; }
    bool is_exact() const { return evicted_ == 0; }
    size_t nodes() const { return used_ - 1; }
    // The `rows_max` prefixes with the most bytes, and the root.
    std::vector<Row> rows(size_t rows_max) const;

private:
    struct Node {
        uint64_t hash = 0;
        uint32_t parent = 0;
        uint32_t children = 0;
        Amounts amounts;
        uint64_t missed_bytes = 0;
        std::string segment;
        bool is_queued = false;

        uint64_t estimate() const { return amounts.file_bytes + missed_bytes; }
    };
    struct Queued {
        uint64_t estimate;  // when it was queued; it can only have grown
        uint32_t node;
        bool operator>(const Queued& other) const {
            return estimate != other.estimate ? estimate > other.estimate : node > other.node;
        }
    };

    // The node of this segment below `parent`, made when there is none.
    uint32_t child(uint32_t parent, std::string_view segment);
    uint32_t make(uint32_t parent, uint64_t hash, std::string_view shown);
    uint32_t free_the_smallest();
    void queue_all_leaves();
    void queue(uint32_t node);
    void index_insert(uint32_t node);
    void index_remove(uint32_t node);
    size_t index_home(uint64_t hash) const { return hash & (index_.size() - 1); }
    std::string path_of(uint32_t node) const;

    PrefixOptions options_;
    std::string folded_;           // "*:"
    std::vector<Node> nodes_;      // 0 is the root
    std::vector<uint32_t> index_;  // open addressing by hash; 0: empty
    std::priority_queue<Queued, std::vector<Queued>, std::greater<>> leaves_;  // once it is full
    size_t used_ = 1;
    uint64_t evicted_ = 0;
};

// Digits only, or at least eight hexadecimal digits and dashes with a digit among them.
bool is_id(std::string_view segment);

}  // namespace tidemark::rdb_check
