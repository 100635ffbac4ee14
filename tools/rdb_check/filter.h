// Which keys a mode looks at. A filter is a tree of tests on what is known of a key:
//
//   type=hash and (key~'user:*' or ttl<60s) and not slot=0..8191
//
// filter_parser.h reads the text, filter_options.h adds the options that every mode has.
//
// Not everything is known when a key begins: its size and its number of elements come with its
// value. So an answer can be kOpen, and is asked for again once they are there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rdb/codec/value_sink.h"
#include "tools/dump_diff/type_name.h"
#include "tools/rdb_check/key_regex.h"

namespace tidemark::rdb_check {

struct KeyFacts {
    uint64_t db = 0;
    std::string_view key;
    std::string_view type;  // as TYPE answers; "module" for a module's value
    std::optional<int64_t> expire_at_ms;
    std::optional<uint64_t> idle_seconds;
    std::optional<uint8_t> frequency;
    // From the value; empty: not known yet.
    std::optional<uint64_t> bytes;     // of the record: attributes, key and value as in the file
    std::optional<uint64_t> elements;  // members, fields, entries; 1 for a string
};

// All but bytes and elements. Views into `record`.
KeyFacts facts_of(const rdb::KeyRecord& record);

enum class Field : uint8_t { kDb, kType, kKey, kSize, kElements, kTtl, kIdle, kFreq, kSlot };

// Both ends belong to it.
struct Interval {
    int64_t low = INT64_MIN;
    int64_t high = INT64_MAX;
    bool contains(int64_t value) const { return low <= value && value <= high; }
};

// One test: it holds when any of its alternatives does. What the file does not say (no expiry, no
// idle time) fits no interval.
struct Condition {
    enum class Ttl : uint8_t { kNone, kAny, kExpired };

    Field field = Field::kDb;
    std::vector<Interval> intervals;  // ttl in milliseconds, idle in seconds
    std::vector<std::string> words;   // names of types, exact keys
    std::vector<std::string> globs;
    std::vector<KeyRegex> regexes;
    std::vector<Ttl> ttl_words;
};

enum class Verdict : uint8_t { kNo, kYes, kOpen };

class Filter {
public:
    struct Node {
        enum class Kind : uint8_t { kAll, kAny, kNot, kTest };
        Kind kind = Kind::kAll;  // kAll of nothing: every key
        std::vector<Node> children;
        Condition condition;  // of a kTest
    };

    // Accepts every key.
    Filter() = default;

    // From now on only what `node` accepts, too.
    void require(Node node) { root_.children.push_back(std::move(node)); }
    // The moment that ttl is counted from.
    void set_now_ms(int64_t now_ms) { now_ms_ = now_ms; }

    bool accepts_everything() const { return root_.children.empty(); }
    // kOpen only while bytes or elements are missing. kLimit: a regular expression gave up.
    Result<Verdict> judge(const KeyFacts& facts) const;

private:
    Node root_;
    int64_t now_ms_ = 0;
};

}  // namespace tidemark::rdb_check
