#include "tools/rdb_check/filter.h"

#include <algorithm>

#include "base/assert.h"
#include "base/glob.h"
#include "rdb/codec/types.h"
#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {

namespace {

using Node = Filter::Node;

Verdict verdict_of(bool holds) {
    return holds ? Verdict::kYes : Verdict::kNo;
}

int64_t clamped(uint64_t value) {
    return static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX));
}

bool in_any(const std::vector<Interval>& intervals, int64_t value) {
    return std::any_of(intervals.begin(), intervals.end(),
                       [&](const Interval& one) { return one.contains(value); });
}

Verdict judge_number(const Condition& condition, std::optional<uint64_t> value) {
    return verdict_of(value && in_any(condition.intervals, clamped(*value)));
}

// For what comes with the value.
Verdict judge_late(const Condition& condition, std::optional<uint64_t> value) {
    return value ? judge_number(condition, value) : Verdict::kOpen;
}

Result<Verdict> judge_key(const Condition& condition, std::string_view key) {
    for (const std::string& word : condition.words)
        if (word == key) return Verdict::kYes;
    for (const std::string& glob : condition.globs)
        if (glob_match(glob, key)) return Verdict::kYes;
    for (const KeyRegex& regex : condition.regexes)
        if (TM_TRY(regex.matches(key))) return Verdict::kYes;
    return Verdict::kNo;
}

// What is left, in milliseconds; nothing is left of a time in the far past without overflow.
int64_t ttl_ms(int64_t expire_at_ms, int64_t now_ms) {
    int64_t left = 0;
    if (__builtin_sub_overflow(expire_at_ms, now_ms, &left))
        return expire_at_ms < now_ms ? INT64_MIN : INT64_MAX;
    return left;
}

bool ttl_word_holds(Condition::Ttl word, std::optional<int64_t> left) {
    switch (word) {
        case Condition::Ttl::kNone:
            return !left;
        case Condition::Ttl::kAny:
            return left.has_value();
        case Condition::Ttl::kExpired:
            return left && *left <= 0;
    }
    return false;
}

Verdict judge_ttl(const Condition& condition, std::optional<int64_t> expire_at_ms, int64_t now_ms) {
    std::optional<int64_t> left;
    if (expire_at_ms) left = ttl_ms(*expire_at_ms, now_ms);
    for (const Condition::Ttl word : condition.ttl_words)
        if (ttl_word_holds(word, left)) return Verdict::kYes;
    return verdict_of(left && in_any(condition.intervals, *left));
}

Result<Verdict> judge_test(const Condition& condition, const KeyFacts& facts, int64_t now_ms) {
    switch (condition.field) {
        case Field::kDb:
            return judge_number(condition, facts.db);
        case Field::kType:
            return verdict_of(std::find(condition.words.begin(), condition.words.end(),
                                        facts.type) != condition.words.end());
        case Field::kKey:
            return judge_key(condition, facts.key);
        case Field::kSize:
            return judge_late(condition, facts.bytes);
        case Field::kElements:
            return judge_late(condition, facts.elements);
        case Field::kTtl:
            return judge_ttl(condition, facts.expire_at_ms, now_ms);
        case Field::kIdle:
            return judge_number(condition, facts.idle_seconds);
        case Field::kFreq:
            return judge_number(condition, facts.frequency);
        case Field::kSlot:
            return judge_number(condition, key_slot(facts.key));
    }
    return Verdict::kNo;
}

// One child that says `decisive` decides; else the answer is open if one of theirs is.
Result<Verdict> judge_node(const Node& node, const KeyFacts& facts, int64_t now_ms);
Result<Verdict> judge_children(const Node& node, const KeyFacts& facts, int64_t now_ms,
                               Verdict decisive) {
    Verdict undecided = decisive == Verdict::kNo ? Verdict::kYes : Verdict::kNo;
    for (const Node& child : node.children) {
        const Verdict verdict = TM_TRY(judge_node(child, facts, now_ms));
        if (verdict == decisive) return decisive;
        if (verdict == Verdict::kOpen) undecided = Verdict::kOpen;
    }
    return undecided;
}

Result<Verdict> judge_node(const Node& node, const KeyFacts& facts, int64_t now_ms) {
    switch (node.kind) {
        case Node::Kind::kAll:
            return judge_children(node, facts, now_ms, Verdict::kNo);
        case Node::Kind::kAny:
            return judge_children(node, facts, now_ms, Verdict::kYes);
        case Node::Kind::kTest:
            return judge_test(node.condition, facts, now_ms);
        case Node::Kind::kNot:
            break;
    }
    TM_ASSERT(node.children.size() == 1);
    const Verdict verdict = TM_TRY(judge_node(node.children[0], facts, now_ms));
    if (verdict == Verdict::kOpen) return Verdict::kOpen;
    return verdict_of(verdict == Verdict::kNo);
}

}  // namespace

KeyFacts facts_of(const rdb::KeyRecord& record) {
    KeyFacts facts;
    facts.db = record.db;
    facts.key = record.name;
    facts.type = type_name(*record.type);
    facts.expire_at_ms = record.expire_at_ms;
    facts.idle_seconds = record.idle_seconds;
    facts.frequency = record.frequency;
    return facts;
}

Result<Verdict> Filter::judge(const KeyFacts& facts) const {
    return judge_node(root_, facts, now_ms_);
}

}  // namespace tidemark::rdb_check
