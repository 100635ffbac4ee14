// Judges keys by a filter while their records are read, for a WalkSink, which is told later what
// each record is worth.
//
//   reader -> begin_key, value, end_key -> judged;  walk -> good, bad -> is_chosen(record)?
//
// A key whose value is damaged is judged by what is known of it, and chosen in doubt. What belongs
// to no key is not judged here.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "rdb/codec/finding.h"
#include "tools/rdb_check/element_counter.h"
#include "tools/rdb_check/filter.h"
#include "tools/rdb_check/record_stepper.h"

namespace tidemark::rdb_check {

// A node of a list that is empty is not an empty list.
inline bool is_of_empty_key(const rdb::Finding& finding) {
    if (finding.code == rdb::FindingCode::kEmptyPacked) return true;
    return finding.code == rdb::FindingCode::kEmptyAggregate && !finding.element;
}

class KeyJudge : public ElementCounter {
public:
    // nullptr: every key is chosen. Not owned.
    explicit KeyJudge(const Filter* filter);

    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;
    // Those of keys that are left out are heard by nobody.
    void warning(const rdb::Finding& finding) final;

protected:
    virtual void chosen_warning(const rdb::Finding& finding) = 0;

    bool chooses() const { return filter_ != nullptr; }
    // Of a key's record that a walk tells of. Records come in the file's order, each once.
    Result<bool> is_chosen(const Step& record);

private:
    bool is_of_key(const rdb::Finding& finding) const;

    const Filter* filter_;
    // Of the key that is being read, or was last.
    uint64_t offset_ = 0;
    uint64_t begin_ = 0;
    std::string name_;
    KeyFacts facts_;
    Verdict verdict_ = Verdict::kYes;
    std::vector<rdb::Finding> waiting_;  // for the verdict
    std::set<uint64_t> left_out_;        // offsets of records that the walk has not told of yet
};

}  // namespace tidemark::rdb_check
