#include "aof/codec/log_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/seal_search.h"
#include "base/ascii.h"

namespace tidemark::aof {

LogWalk::LogWalk(ByteSource& source, const WalkOptions& options)
    : source_(source),
      options_(options),
      scanner_(source, options.start, std::numeric_limits<uint64_t>::max(), options.hold) {
    ending_.keep = options.start;
}

Result<bool> LogWalk::begins_sealed() {
    if (options_.start != 0 && !options_.mid_file) return false;
    if (options_.seals_promised || options_.mid_file) return options_.seals_promised;
    char head[kSealPrefix.size()];
    const size_t got = TM_TRY(source_.read_at(head, sizeof head, 0));
    return got == sizeof head && std::string_view(head, got) == kSealPrefix;
}

Result<Item> LogWalk::next() {
    if (!begun_) {
        ours_ = TM_TRY(begins_sealed());
        part_ = ours_ ? Part::kSealed : Part::kForeign;
        begun_ = true;
    }
    Item item = scanner_.next();
    if (item.kind == ItemKind::kPause) return item;
    if (item.problem == Problem::kIo) return fail(scanner_.io_error());
    const bool is_over = item.kind == ItemKind::kEnd || item.kind == ItemKind::kProblem;
    if (!is_over && take(item)) return item;
    TM_CHECK(finish(item));
    item.kind = ItemKind::kEnd;
    return item;
}

// False: the item does not belong here, which ends the part of the file that counts.
bool LogWalk::take(const Item& item) {
    switch (item.kind) {
        case ItemKind::kSeal:
            if (part_ != Part::kSealed) return false;
            piece_ = item.offset;
            only_selects_ = true;
            ending_.known_durable = std::max(ending_.known_durable, item.seal.durable);
            break;
        case ItemKind::kFill:
            if (part_ == Part::kSealed) part_ = Part::kFill;
            // A stock redis-server has read past it and appended; so it may stand anywhere in a
            // file that is not ours. Behind foreign records nobody writes any.
            if (part_ == Part::kForeign && ours_) return false;
            break;
        case ItemKind::kTimestamp:
        case ItemKind::kAnnotation:
            // Outside a seal and not yet foreign: it counts when a foreign record follows.
            if (!item.sealed && part_ != Part::kForeign) return item.kind == ItemKind::kTimestamp;
            break;
        default:
            return take_record(item);
    }
    if (part_ != Part::kFill) ending_.keep = scanner_.offset();
    return true;
}

bool LogWalk::take_record(const Item& item) {
    if (part_ != Part::kForeign && !item.sealed) {
        if (in_transaction_ || !begins_foreign(item)) return false;
        part_ = Part::kForeign;
    }
    if (!take_role(item)) {
        misplaced_ = true;
        return false;
    }
    ending_.keep = scanner_.offset();
    return true;
}

bool LogWalk::take_role(const Item& item) {
    const auto args = scanner_.args_of(item);
    role_ = Role::kCommand;
    if (args.size() == 1 && same_word(args[0], "multi")) {
        if (in_transaction_) return false;
        role_ = Role::kMulti;
        in_transaction_ = true;
        multi_offset_ = item.offset;
        multi_piece_ = piece_;
        multi_begins_piece_ = only_selects_;
    } else if (args.size() == 1 && same_word(args[0], "exec")) {
        const bool may_be_open = options_.mid_file && first_boundary_ == Role::kCommand;
        if (!in_transaction_ && !may_be_open) return false;
        role_ = Role::kExec;
        in_transaction_ = false;
        only_selects_ = false;
    } else if (only_selects_ && !same_word(args[0], "select")) {
        only_selects_ = false;
    }
    if (first_boundary_ == Role::kCommand) first_boundary_ = role_;
    return true;
}

// What a stock redis-server writes first, in its own spelling. Ours is in lower case, so a torn
// group never looks like this.
bool LogWalk::begins_foreign(const Item& item) const {
    const auto args = scanner_.args_of(item);
    return (args.size() == 2 && args[0] == "SELECT") || (args.size() == 1 && args[0] == "MULTI");
}

void LogWalk::refuse(const Item& item, std::string what) {
    ending_.keep = in_transaction_ ? multi_offset_ : item.offset;
    ending_.problem_at = item.offset;
    ending_.ending = Ending::kMalformed;
    ending_.is_record = true;
    ending_.what = std::move(what);
}

void LogWalk::malformed(const Item& last, std::string_view what) {
    ending_.ending = Ending::kMalformed;
    ending_.problem_at = last.offset;
    ending_.is_record = misplaced_;
    ending_.what = what;
    if (in_transaction_) ending_.keep = multi_offset_;
}

Status LogWalk::finish(const Item& last) {
    ending_.problem_at = last.offset;
    ending_.what = last.kind == ItemKind::kProblem ? last.what : "";
    if (part_ != Part::kForeign) return finish_ours(last);
    finish_foreign(last);
    return {};
}

// Redis's rules: cut short is an ending, anything else is a refusal.
void LogWalk::finish_foreign(const Item& last) {
    if (misplaced_) {
        malformed(last, in_transaction_ ? "MULTI inside a transaction" : "EXEC without MULTI");
        return;
    }
    const bool cut_short = last.problem == Problem::kTruncated;
    if (last.kind != ItemKind::kEnd && !cut_short) {
        malformed(last, last.kind == ItemKind::kProblem ? last.what : "not a log record");
        return;
    }
    if (in_transaction_) {
        ending_.ending = Ending::kOpenMulti;
        ending_.keep = ending_.problem_at = multi_offset_;
        ending_.what = "ends inside a transaction";
    } else if (cut_short) {
        ending_.ending = Ending::kTruncated;
    } else {
        ending_.ending = ours_ ? Ending::kForeign : Ending::kClean;
    }
}

Status LogWalk::finish_ours(const Item& last) {
    if (misplaced_) {
        malformed(last, "a transaction that does not fit, under a good seal");
        return {};
    }
    if (in_transaction_) {
        if (!multi_begins_piece_) {
            malformed(last, "a sealed piece ends inside a transaction");
            return {};
        }
        ending_.keep = multi_piece_;
    }
    // Cut short in the middle of a piece whose seal was fine cannot be: the seal covers it.
    if (last.sealed && last.kind == ItemKind::kProblem) {
        malformed(last, last.what);
        return {};
    }
    if (last.kind == ItemKind::kEnd && !in_transaction_) {
        ending_.ending = part_ == Part::kFill ? Ending::kFill : Ending::kClean;
        return {};
    }
    ending_.ending = Ending::kTorn;
    ending_.problem_at = ending_.keep;
    if (ending_.what.empty()) ending_.what = "bytes without a seal";
    // A seal that was written when these bytes were already synced proves that they were lost
    // afterwards: not a torn write.
    const auto found = find_seal(source_, ending_.keep, ending_.keep + 1);
    if (!found && found.error().code == ErrorCode::kLimit) {
        ending_.ending = Ending::kDamaged;
        ending_.what += "; so many lines behind it only look like seals that no write left them";
        return {};
    }
    const auto witness = TM_TRY(found);
    if (witness) {
        ending_.ending = Ending::kDamaged;
        ending_.what += fmt::format(
            "; the seal at offset {} says that everything before offset "
            "{} was synced",
            witness->offset, witness->durable);
        return {};
    }
    SearchBudget budget(source_.size() - ending_.keep);
    const auto shifted =
        TM_TRY(none_at_limit(find_shifted_seal(source_, ending_.keep, ending_.keep + 1, budget)));
    if (shifted) {
        ending_.ending = Ending::kDamaged;
        ending_.what += fmt::format(
            "; the seal at offset {} was written at offset {}: bytes in front of it were put in "
            "or taken out",
            shifted->at, shifted->seal.offset);
    }
    return {};
}

}  // namespace tidemark::aof
