#include "tools/rdb_check/report/prefix_tree.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kIdDigitsMin = 8;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

PrefixOptions within_limits(PrefixOptions options) {
    options.levels_max = std::min(options.levels_max, kPrefixLevelsMax);
    options.nodes_max = std::clamp(options.nodes_max, kPrefixNodesMin, kPrefixNodesMax);
    return options;
}

}  // namespace

bool is_id(std::string_view segment) {
    if (segment.empty()) return false;
    if (std::all_of(segment.begin(), segment.end(), is_digit)) return true;
    return segment.size() >= kIdDigitsMin && std::all_of(segment.begin(), segment.end(), is_hex) &&
           std::any_of(segment.begin(), segment.end(), is_digit);
}

PrefixTree::PrefixTree(PrefixOptions options)
    : options_(within_limits(std::move(options))),
      folded_("*" + options_.separator),
      nodes_(1),
      index_(std::bit_ceil(2 * options_.nodes_max)) {}

void PrefixTree::add(std::string_view name, const Amounts& amounts) {
    nodes_[0].amounts.add(amounts);
    const std::string& separator = options_.separator;
    if (separator.empty()) return;
    const bool is_folded = options_.fold_ids == FoldIds::kYes;
    uint32_t node = 0;
    for (size_t level = 0; level < options_.levels_max; ++level) {
        const size_t end = name.find(separator);
        const bool is_last = end == std::string_view::npos;
        if (is_last && (!is_folded || name.empty())) break;
        const std::string_view segment = name.substr(0, is_last ? end : end + separator.size());
        if (is_folded && is_id(name.substr(0, end))) {
            node = child(node, is_last ? "*" : folded_);
        } else {
            node = child(node, segment);
        }
        nodes_[node].amounts.add(amounts);
        name.remove_prefix(segment.size());
        if (is_last) break;
    }
}

uint32_t PrefixTree::child(uint32_t parent, std::string_view segment) {
    const uint64_t hash = XXH3_64bits_withSeed(segment.data(), segment.size(), nodes_[parent].hash);
    const std::string_view shown = segment.substr(0, kSegmentShown);
    for (size_t at = index_home(hash); index_[at] != 0; at = (at + 1) & (index_.size() - 1)) {
        const Node& node = nodes_[index_[at]];
        if (node.hash == hash && node.parent == parent && node.segment == shown) return index_[at];
    }
    return make(parent, hash, shown);
}

uint32_t PrefixTree::make(uint32_t parent, uint64_t hash, std::string_view shown) {
    // First, so that the parent is no leaf that could go.
    ++nodes_[parent].children;
    uint32_t number = 0;
    uint64_t missed = 0;
    if (used_ <= options_.nodes_max) {
        number = static_cast<uint32_t>(used_++);
        nodes_.emplace_back();
        if (used_ > options_.nodes_max) queue_all_leaves();
    } else {
        number = free_the_smallest();
        missed = nodes_[number].estimate();
    }
    Node& node = nodes_[number];
    const bool was_queued = node.is_queued;
    node = Node{};
    node.is_queued = was_queued;
    node.hash = hash;
    node.parent = parent;
    node.missed_bytes = missed;
    node.segment.assign(shown);
    index_insert(number);
    if (used_ > options_.nodes_max) queue(number);
    return number;
}

uint32_t PrefixTree::free_the_smallest() {
    while (true) {
        TM_ASSERT(!leaves_.empty());  // a path is shorter than kPrefixNodesMin
        const Queued first = leaves_.top();
        leaves_.pop();
        Node& node = nodes_[first.node];
        node.is_queued = false;
        if (node.children != 0) continue;
        if (node.estimate() != first.estimate) {
            queue(first.node);
            continue;
        }
        index_remove(first.node);
        if (--nodes_[node.parent].children == 0) queue(node.parent);
        ++evicted_;
        return first.node;
    }
}

void PrefixTree::queue_all_leaves() {
    for (uint32_t node = 1; node < used_; ++node) {
        if (nodes_[node].children == 0) queue(node);
    }
}

void PrefixTree::queue(uint32_t node) {
    if (node == 0 || nodes_[node].is_queued) return;
    nodes_[node].is_queued = true;
    leaves_.push({nodes_[node].estimate(), node});
}

void PrefixTree::index_insert(uint32_t node) {
    size_t at = index_home(nodes_[node].hash);
    while (index_[at] != 0) at = (at + 1) & (index_.size() - 1);
    index_[at] = node;
}

void PrefixTree::index_remove(uint32_t node) {
    const size_t mask = index_.size() - 1;
    size_t hole = index_home(nodes_[node].hash);
    while (index_[hole] != node) hole = (hole + 1) & mask;
    // What follows moves up, unless it would come to lie before its home.
    for (size_t at = (hole + 1) & mask; index_[at] != 0; at = (at + 1) & mask) {
        const size_t home = index_home(nodes_[index_[at]].hash);
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        index_[hole] = index_[at];
        hole = at;
    }
    index_[hole] = 0;
}

std::string PrefixTree::path_of(uint32_t node) const {
    if (node == 0) return {};
    return path_of(nodes_[node].parent) + nodes_[node].segment;
}

std::vector<PrefixTree::Row> PrefixTree::rows(size_t rows_max) const {
    // Nobody has more bytes than the one above it, and of equals the shorter comes first: so those
    // above a chosen one are chosen, too.
    std::vector<uint32_t> chosen;
    std::vector<uint32_t> levels(used_);
    const auto level_of = [&](uint32_t node) {
        uint32_t level = 0;
        for (; node != 0; node = nodes_[node].parent) ++level;
        return level;
    };
    for (uint32_t node = 1; node < used_; ++node) {
        levels[node] = level_of(node);
        chosen.push_back(node);
    }
    const auto is_larger = [&](uint32_t a, uint32_t b) {
        const Node& one = nodes_[a];
        const Node& other = nodes_[b];
        if (one.amounts.file_bytes != other.amounts.file_bytes)
            return one.amounts.file_bytes > other.amounts.file_bytes;
        if (levels[a] != levels[b]) return levels[a] < levels[b];
        return one.segment != other.segment ? one.segment < other.segment : a < b;
    };
    if (chosen.size() > rows_max) {
        std::nth_element(chosen.begin(), chosen.begin() + static_cast<ptrdiff_t>(rows_max),
                         chosen.end(), is_larger);
        chosen.resize(rows_max);
    }
    std::sort(chosen.begin(), chosen.end(), is_larger);
    std::vector<std::vector<uint32_t>> below(used_);
    for (const uint32_t node : chosen) below[nodes_[node].parent].push_back(node);
    std::vector<Row> rows;
    std::vector<uint32_t> open = {0};
    while (!open.empty()) {
        const uint32_t node = open.back();
        open.pop_back();
        rows.push_back({levels[node], path_of(node), nodes_[node].segment, nodes_[node].amounts,
                        nodes_[node].missed_bytes});
        open.insert(open.end(), below[node].rbegin(), below[node].rend());
    }
    return rows;
}

}  // namespace tidemark::rdb_check
