#include "tools/rdb_check/key_judge.h"

#include <utility>

namespace tidemark::rdb_check {

KeyJudge::KeyJudge(const Filter* filter)
    : filter_(filter == nullptr || filter->accepts_everything() ? nullptr : filter) {}

Status KeyJudge::begin_key(const rdb::KeyRecord& key) {
    if (!chooses()) return {};
    TM_CHECK(ElementCounter::begin_key(key));
    offset_ = key.offset;
    begin_ = key.begin_offset;
    waiting_.clear();
    verdict_ = TM_TRY(filter_->judge(facts_of(key)));
    if (verdict_ == Verdict::kNo) left_out_.insert(offset_);
    if (verdict_ != Verdict::kOpen) return {};
    name_ = key.name;
    facts_ = facts_of(key);
    facts_.key = name_;
    return {};
}

Status KeyJudge::end_key(uint64_t end_offset) {
    if (verdict_ != Verdict::kOpen) return {};
    facts_.bytes = end_offset - begin_;
    facts_.elements = elements();
    verdict_ = TM_TRY(filter_->judge(facts_));
    if (verdict_ == Verdict::kNo) left_out_.insert(offset_);
    for (const rdb::Finding& finding : std::exchange(waiting_, {})) warning(finding);
    return {};
}

// What is said of its record once it is read names no key.
bool KeyJudge::is_of_key(const rdb::Finding& finding) const {
    return finding.has_key || finding.begin == offset_;
}

void KeyJudge::warning(const rdb::Finding& finding) {
    if (!chooses() || !is_of_key(finding)) return chosen_warning(finding);
    if (verdict_ == Verdict::kYes) chosen_warning(finding);
    if (verdict_ == Verdict::kOpen) waiting_.push_back(finding);
}

Result<bool> KeyJudge::is_chosen(const Step& record) {
    if (!chooses()) return true;
    left_out_.erase(left_out_.begin(), left_out_.lower_bound(record.offset));
    if (left_out_.contains(record.offset)) return false;
    const bool is_undecided = verdict_ == Verdict::kOpen && record.offset == offset_;
    if (!is_undecided) return true;
    facts_.bytes = record.end - record.begin;
    verdict_ = TM_TRY(filter_->judge(facts_)) == Verdict::kNo ? Verdict::kNo : Verdict::kYes;
    for (const rdb::Finding& finding : std::exchange(waiting_, {})) warning(finding);
    return verdict_ == Verdict::kYes;
}

}  // namespace tidemark::rdb_check
