// Puts a salvage plan together from records and holes as they come, and takes back what a broken
// transaction takes with it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aof/codec/scan.h"
#include "tools/aof_check/judge.h"
#include "tools/aof_check/salvage_plan.h"

namespace tidemark::aof_check {

enum class Known : uint8_t { kYes, kNo };

class PlanBuilder {
public:
    PlanBuilder(SalvagePlan& plan, const Judge& judge) : plan_(plan), judge_(judge) {}

    // From here on no checksum vouches for records (or one does again).
    void set_unverified(bool unverified);
    // From here on seals stand so far behind the places that they name.
    void set_shift(int64_t shift);

    // A record that can be read; what the judge says against it makes it a hole.
    void record(const aof::Item& item, std::span<const std::string_view> args);
    // A line that belongs to the records around it.
    void line(uint64_t offset, uint64_t length);
    // Bytes that cannot be read. `known`: what they were is known, they held neither SELECT nor
    // MULTI nor EXEC.
    void hole(Hole hole, Known known);
    // Nothing follows.
    void end(uint64_t offset);

    bool has_too_many_holes() const { return plan_.holes.size() > kHolesMax; }

private:
    void keep(uint64_t begin, uint64_t end, uint64_t records);
    void take_multi(const aof::Item& item);
    void take_exec(const aof::Item& item);
    void join_transaction();
    void refuse(const aof::Item& item, std::string why);
    // Takes back what was kept from `offset` on; returns how many records that were.
    uint64_t take_back(uint64_t offset);
    void add_hole(Hole hole);

    SalvagePlan& plan_;
    Judge judge_;
    bool open_ = false;  // the last range of kept records may grow
    bool unverified_ = false;
    int64_t shift_ = 0;
    bool db_unknown_ = false;  // until the next SELECT
    bool in_transaction_ = false;
    bool after_hole_ = false;  // it may have swallowed a MULTI: undecided until MULTI or EXEC
    uint64_t multi_offset_ = 0;
    uint64_t undecided_from_ = 0;  // where the records after the hole begin
    uint64_t lines_begin_ = 0;     // of `#` lines that no range has taken yet
    uint64_t lines_end_ = UINT64_MAX;
    std::string last_key_;
    bool wants_key_after_ = false;
};

}  // namespace tidemark::aof_check
