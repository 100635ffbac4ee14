#include "tools/aof_check/plan_builder.h"

#include <algorithm>

#include "base/ascii.h"

namespace tidemark::aof_check {

namespace {

constexpr size_t kKeyShown = 256;

}  // namespace

void PlanBuilder::set_unverified(bool unverified) {
    if (unverified_ != unverified) open_ = false;
    unverified_ = unverified;
}

void PlanBuilder::set_shift(int64_t shift) {
    if (shift_ != shift) open_ = false;
    shift_ = shift;
}

void PlanBuilder::keep(uint64_t begin, uint64_t end, uint64_t records) {
    if (!open_ || plan_.kept.empty()) {
        plan_.kept.push_back({begin, begin, 0, db_unknown_, unverified_, shift_});
        open_ = true;
    }
    plan_.kept.back().end = end;
    plan_.kept.back().records += records;
}

void PlanBuilder::record(const aof::Item& item, std::span<const std::string_view> args) {
    auto refusal = judge_.refusal(args, item.args_total);
    if (refusal) {
        refuse(item, std::move(*refusal));
        // Which database the next records were for is what it would have said.
        if (same_word(args[0], "select")) db_unknown_ = true;
        return;
    }
    if (const auto key = first_key(*judge_.row(), args)) {
        last_key_ = key->substr(0, kKeyShown);
        if (wants_key_after_ && !plan_.holes.empty()) plan_.holes.back().key_after = last_key_;
        wants_key_after_ = false;
    }
    if (args.size() == 1 && same_word(args[0], "multi")) return take_multi(item);
    if (args.size() == 1 && same_word(args[0], "exec")) return take_exec(item);
    if (db_unknown_ && same_word(args[0], "select")) {
        open_ = false;
        db_unknown_ = false;
    }
    if (!open_ && lines_end_ == item.offset) keep(lines_begin_, lines_end_, 0);
    keep(item.offset, item.offset + item.length, 1);
}

void PlanBuilder::line(uint64_t offset, uint64_t length) {
    if (open_) return keep(offset, offset + length, 0);
    // In front of a range it counts when a record follows.
    if (lines_end_ != offset) lines_begin_ = offset;
    lines_end_ = offset + length;
}

void PlanBuilder::take_multi(const aof::Item& item) {
    // The EXEC of the one before never came.
    if (in_transaction_) {
        const uint64_t records = take_back(multi_offset_);
        add_hole({HoleKind::kTransaction,
                  multi_offset_,
                  item.offset,
                  records,
                  "a transaction without EXEC",
                  {},
                  {},
                  false});
    }
    in_transaction_ = true;
    after_hole_ = false;
    multi_offset_ = item.offset;
    open_ = false;  // a range of its own, until it is whole
    keep(item.offset, item.offset + item.length, 1);
}

// A whole transaction continues the range in front of it: one range a transaction would be many.
void PlanBuilder::join_transaction() {
    if (plan_.kept.size() < 2) return;
    Kept& before = plan_.kept[plan_.kept.size() - 2];
    const Kept& whole = plan_.kept.back();
    if (whole.begin != multi_offset_ || before.end != whole.begin ||
        before.unverified != whole.unverified || before.shift != whole.shift ||
        before.db_unknown != whole.db_unknown) {
        return;
    }
    before.end = whole.end;
    before.records += whole.records;
    plan_.kept.pop_back();
}

void PlanBuilder::take_exec(const aof::Item& item) {
    const uint64_t end = item.offset + item.length;
    if (in_transaction_) {
        in_transaction_ = false;
        keep(item.offset, end, 1);
        join_transaction();
        return;
    }
    if (after_hole_) {
        // The hole swallowed the MULTI: everything up to here was that transaction's.
        const uint64_t from = undecided_from_;
        uint64_t records = take_back(from) + 1;
        for (; !plan_.holes.empty() && plan_.holes.back().begin >= from; plan_.holes.pop_back())
            records += plan_.holes.back().records;
        after_hole_ = false;
        add_hole({HoleKind::kTransaction,
                  from,
                  end,
                  records,
                  "the rest of a transaction whose beginning is lost",
                  {},
                  {},
                  false});
        return;
    }
    add_hole({HoleKind::kRefused, item.offset, end, 1, "EXEC without MULTI", {}, {}, false});
}

void PlanBuilder::refuse(const aof::Item& item, std::string why) {
    Hole refused{HoleKind::kRefused,
                 item.offset,
                 item.offset + item.length,
                 1,
                 std::move(why),
                 {},
                 {},
                 false};
    const bool was_open = in_transaction_;
    hole(std::move(refused), Known::kYes);
    // The rest of the transaction that it stood in goes with it.
    if (was_open) {
        after_hole_ = true;
        undecided_from_ = item.offset + item.length;
    }
}

void PlanBuilder::hole(Hole hole, Known known) {
    if (in_transaction_) {
        hole.records += take_back(multi_offset_);
        hole.begin = std::min(hole.begin, multi_offset_);
        hole.why += ", in a transaction, which goes as a whole";
        in_transaction_ = false;
    }
    if (known == Known::kNo) {
        after_hole_ = true;
        undecided_from_ = hole.end;
        db_unknown_ = true;
    }
    add_hole(std::move(hole));
}

void PlanBuilder::add_hole(Hole hole) {
    hole.key_before = last_key_;
    open_ = false;
    // What a broken transaction takes with it continues the hole that broke it.
    if (!plan_.holes.empty() && plan_.holes.back().end == hole.begin &&
        hole.kind == HoleKind::kTransaction) {
        Hole& last = plan_.holes.back();
        last.end = hole.end;
        last.records += hole.records;
        last.why += "; " + hole.why;
        last.key_after.clear();
    } else {
        plan_.holes.push_back(std::move(hole));
    }
    wants_key_after_ = true;
}

// A range begins at `offset`: take_multi and the end of a hole see to that.
uint64_t PlanBuilder::take_back(uint64_t offset) {
    uint64_t records = 0;
    while (!plan_.kept.empty() && plan_.kept.back().begin >= offset) {
        records += plan_.kept.back().records;
        plan_.kept.pop_back();
    }
    open_ = false;
    return records;
}

void PlanBuilder::end(uint64_t offset) {
    if (!in_transaction_) return;
    const uint64_t records = take_back(multi_offset_);
    in_transaction_ = false;
    add_hole({HoleKind::kTail,
              multi_offset_,
              offset,
              records,
              "a transaction without EXEC",
              {},
              {},
              false});
}

}  // namespace tidemark::aof_check
