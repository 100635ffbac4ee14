#include "tools/aof_check/salvage_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aof/codec/log_walk.h"
#include "aof/codec/piece_repair.h"
#include "aof/codec/resync.h"
#include "aof/codec/seal_search.h"
#include "tools/aof_check/plan_builder.h"

namespace tidemark::aof_check {

namespace {

constexpr std::string_view kGivenUp =
    "; too much behind it only looks like a log for the search to go on";

// Whether [begin, end) is all NUL: what a power cut leaves where a size was durable and bytes not.
Result<bool> is_all_nul(aof::ByteSource& source, uint64_t begin, uint64_t end) {
    std::array<char, 16 * 1024> window;
    while (begin < end) {
        const size_t wanted = std::min<uint64_t>(window.size(), end - begin);
        const size_t got = TM_TRY(source.read_at(window.data(), wanted, begin));
        if (got == 0) break;
        const std::string_view bytes(window.data(), got);
        if (bytes.find_first_not_of('\0') != std::string_view::npos) return false;
        begin += got;
    }
    return true;
}

class Planner {
public:
    Planner(PatchedBytes& source, const Judge& judge, const SalvageOptions& options)
        : source_(source),
          judge_(judge),
          options_(options),
          budget_(source.size()),
          builder_(plan_, judge) {}

    Result<SalvagePlan> run() {
        plan_.is_sealed = TM_TRY(begins_sealed());
        if (plan_.is_sealed) {
            TM_CHECK(read_sealed());
        } else {
            TM_CHECK(read_plain(options_.start, source_.size()));
        }
        builder_.end(source_.size());
        return std::move(plan_);
    }

private:
    Result<bool> begins_sealed() {
        if (options_.start != 0) return false;
        if (options_.seals_promised) return true;
        std::array<char, aof::kSealPrefix.size()> head{};
        const size_t got = TM_TRY(source_.read_at(head.data(), head.size(), 0));
        if (std::string_view(head.data(), got) == aof::kSealPrefix) return true;
        // One whose first bytes are damaged.
        const auto seal =
            TM_TRY(aof::none_at_limit(aof::find_seal(source_, 0, 0, 1024 * 1024, budget_)));
        return seal.has_value();
    }

    Status look_around() {
        if (options_.stop != nullptr) TM_CHECK(options_.stop->check());
        if (!builder_.has_too_many_holes()) return {};
        return fail(ErrorCode::kLimit,
                    fmt::format("more than {} holes: this is not a log any more", kHolesMax));
    }

    // --- without seals

    Status read_plain(uint64_t at, uint64_t end) {
        while (at < end) {
            TM_CHECK(look_around());
            const aof::Item trouble = TM_TRY(read_records(at, end));
            if (trouble.kind == aof::ItemKind::kEnd) return {};
            const auto next = TM_TRY(aof::none_at_limit(
                aof::find_record(source_, trouble.offset + 1, end, judge_.names(), budget_)));
            Hole hole{HoleKind::kDamage,
                      trouble.offset,
                      next.value_or(end),
                      0,
                      trouble.what,
                      {},
                      {},
                      false};
            if (!next) hole.kind = HoleKind::kTail;
            if (!next && TM_TRY(is_all_nul(source_, trouble.offset, end))) hole.why = "NUL bytes";
            if (!next && budget_.is_used_up()) hole.why += kGivenUp;
            builder_.hole(std::move(hole), next ? Known::kNo : Known::kYes);
            at = next.value_or(end);
        }
        return {};
    }

    // Hands on what can be read from `at` on; returns the item that cannot be, or the end.
    Result<aof::Item> read_records(uint64_t at, uint64_t end) {
        aof::Scanner scanner(source_, at, end, aof::Hold::kBounded);
        while (true) {
            const aof::Item item = scanner.next();
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            if (item.kind == aof::ItemKind::kEnd || item.kind == aof::ItemKind::kProblem)
                return item;
            if (item.kind == aof::ItemKind::kRecord) {
                builder_.record(item, scanner.args_of(item));
            } else if (item.kind != aof::ItemKind::kPause && item.kind != aof::ItemKind::kFill) {
                builder_.line(item.offset, item.length);
            }
            scanner.release();
        }
    }

    // --- with seals

    Status read_sealed() {
        uint64_t at = 0;
        while (at < source_.size()) {
            TM_CHECK(look_around());
            const Trouble trouble = TM_TRY(read_pieces(at));
            if (trouble.kind == Trouble::kEnd) return {};
            if (trouble.kind == Trouble::kForeign) return read_plain(trouble.at, source_.size());
            if (trouble.kind == Trouble::kInPiece) {
                // Under a good seal: what stands there was written so.
                builder_.hole({HoleKind::kDamage,
                               trouble.at,
                               trouble.piece_end,
                               0,
                               trouble.why,
                               {},
                               {},
                               false},
                              Known::kNo);
                at = trouble.piece_end;
                continue;
            }
            at = TM_TRY(get_over(trouble));
        }
        return {};
    }

    // Why a piece's checksum fails: what is wrong in it, or that the next one does not stand where
    // it was written.
    enum class Explained : uint8_t { kByItself, kByShift };

    struct Trouble {
        enum Kind : uint8_t { kEnd, kForeign, kBadPiece, kInPiece } kind = kEnd;
        uint64_t at = 0;
        uint64_t piece_end = 0;
        std::string why;
    };

    Result<Trouble> read_pieces(uint64_t at) {
        ShiftedBytes in_place(source_, static_cast<int64_t>(shift_));
        aof::Scanner scanner(in_place, at - shift_, in_place.size(), aof::Hold::kBounded);
        while (true) {
            aof::Item item = scanner.next();
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            item.offset += shift_;
            switch (item.kind) {
                case aof::ItemKind::kEnd:
                    return Trouble{};
                case aof::ItemKind::kProblem:
                    if (item.sealed)
                        return Trouble{Trouble::kInPiece, item.offset,
                                       scanner.sealed_until() + shift_, item.what};
                    return Trouble{Trouble::kBadPiece, item.offset, 0, item.what};
                case aof::ItemKind::kRecord: {
                    const auto args = scanner.args_of(item);
                    if (!item.sealed && begins_foreign(args))
                        return Trouble{Trouble::kForeign, item.offset, 0, {}};
                    if (!item.sealed)
                        return Trouble{Trouble::kBadPiece, item.offset, 0, "bytes without a seal"};
                    builder_.record(item, args);
                    break;
                }
                case aof::ItemKind::kTimestamp:
                case aof::ItemKind::kAnnotation:
                    if (!item.sealed && item.kind == aof::ItemKind::kAnnotation)
                        return Trouble{Trouble::kBadPiece, item.offset, 0, "bytes without a seal"};
                    builder_.line(item.offset, item.length);
                    break;
                default:
                    break;
            }
            scanner.release();
        }
    }

    static bool begins_foreign(std::span<const std::string_view> args) {
        return args[0] == "SELECT" || args[0] == "MULTI";
    }

    // A piece that is not whole begins at trouble.at. Mends it or goes around it; returns where
    // reading goes on.
    Result<uint64_t> get_over(const Trouble& trouble) {
        const uint64_t size = source_.size();
        const uint64_t end_it_says = TM_TRY(end_by_its_line(trouble.at));
        // It was read to find that it does not hold.
        static_cast<void>(budget_.charge(end_it_says - trouble.at));
        const auto next = TM_TRY(next_seal(trouble.at + 1));
        std::array<uint64_t, 3> ends = {end_it_says, next ? next->at : size, size};
        for (const uint64_t end : ends) {
            const bool is_tried = end > trouble.at && end - trouble.at <= aof::kRepairBytesMax;
            if (is_tried && !budget_.charge(end - trouble.at)) break;
            ShiftedBytes in_place(source_, static_cast<int64_t>(shift_));
            const auto mended =
                TM_TRY(aof::repair_piece(in_place, trouble.at - shift_, end - shift_));
            if (!mended) continue;
            source_.patch(mended->wrong_at + shift_, mended->right);
            plan_.mended.push_back(mended->wrong_at + shift_);
            return trouble.at;
        }
        Hole hole{
            HoleKind::kDamage, trouble.at, next ? next->at : size, 0, trouble.why, {}, {}, false};
        if (!next) {
            hole.kind = HoleKind::kTail;
            hole.never_promised = !budget_.is_used_up();
            if (budget_.is_used_up()) hole.why += kGivenUp;
            builder_.hole(std::move(hole), Known::kYes);
            return size;
        }
        const auto shift = static_cast<uint64_t>(next->shift());
        const auto why = shift == shift_ ? Explained::kByItself : Explained::kByShift;
        if (!TM_TRY(read_unverified(hole, why))) builder_.hole(std::move(hole), Known::kNo);
        shift_ = shift;
        builder_.set_shift(next->shift());
        return next->at;
    }

    // The next whole seal in its place, else one that stands elsewhere than it says.
    Result<std::optional<aof::PlacedSeal>> next_seal(uint64_t from) {
        ShiftedBytes in_place(source_, static_cast<int64_t>(shift_));
        const auto next = TM_TRY(aof::none_at_limit(
            aof::find_seal(in_place, from - shift_, 0, in_place.size(), budget_)));
        if (next) return std::optional<aof::PlacedSeal>({*next, next->offset + shift_});
        return aof::none_at_limit(aof::find_shifted_seal(source_, from, 0, budget_));
    }

    // Where the piece at `at` ends by what its own line says; `at` when that cannot be told.
    Result<uint64_t> end_by_its_line(uint64_t at) {
        std::string line(aof::kSealBytes, '\0');
        line.resize(TM_TRY(source_.read_at(line.data(), line.size(), at)));
        const auto seal = aof::parse_seal(line);
        if (!seal || seal->length > source_.size()) return at;
        return at + aof::kSealBytes + seal->length;
    }

    // The records in a piece without a good seal, read one by one. False: nothing was kept.
    Result<bool> read_unverified(const Hole& hole, Explained explained) {
        if (options_.unverified == Unverified::kDrop) return false;
        const auto first = TM_TRY(aof::none_at_limit(
            aof::find_record(source_, hole.begin, hole.end, judge_.names(), budget_)));
        if (!first) return false;
        // Bytes that were put in or taken out explain it.
        if (options_.unverified == Unverified::kAuto && explained == Explained::kByItself &&
            !TM_TRY(is_explained(hole, *first))) {
            return false;
        }
        builder_.hole({HoleKind::kDamage, hole.begin, *first, 0, hole.why, {}, {}, false},
                      Known::kNo);
        builder_.set_unverified(true);
        TM_CHECK(read_plain(*first, hole.end));
        builder_.set_unverified(false);
        return true;
    }

    // Whether something visible is wrong in the piece: its line, or a record. If nothing is, the
    // checksum fails for a byte in some value, and no record of the piece can be trusted.
    Result<bool> is_explained(const Hole& hole, uint64_t first) {
        std::string line(aof::kSealBytes, '\0');
        line.resize(TM_TRY(source_.read_at(line.data(), line.size(), hole.begin)));
        const auto seal = aof::parse_seal(line);
        if (!seal || seal->offset != hole.begin - shift_) return true;
        if (first != hole.begin + aof::kSealBytes) return true;
        aof::Scanner scanner(source_, first, hole.end, aof::Hold::kBounded);
        while (true) {
            const aof::Item item = scanner.next();
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            if (item.kind == aof::ItemKind::kProblem) return true;
            if (item.kind == aof::ItemKind::kEnd) return false;
            scanner.release();
        }
    }

    PatchedBytes& source_;
    const Judge& judge_;
    const SalvageOptions& options_;
    aof::SearchBudget budget_;  // of all searches together
    uint64_t shift_ = 0;        // of the pieces that are read now, added modulo 2^64
    SalvagePlan plan_;
    PlanBuilder builder_;
};

}  // namespace

Result<size_t> PatchedBytes::read_at(char* to, size_t length, uint64_t offset) {
    const size_t got = TM_TRY(source_.read_at(to, length, offset));
    for (auto patch = patches_.lower_bound(offset);
         patch != patches_.end() && patch->first < offset + got; ++patch) {
        to[patch->first - offset] = patch->second;
    }
    return got;
}

uint64_t SalvagePlan::kept_records() const {
    uint64_t records = 0;
    for (const Kept& range : kept) records += range.records;
    return records;
}

uint64_t SalvagePlan::lost_bytes() const {
    uint64_t bytes = 0;
    for (const Hole& hole : holes) bytes += hole.end - hole.begin;
    return bytes;
}

Result<SalvagePlan> plan_salvage(PatchedBytes& source, const Judge& judge,
                                 const SalvageOptions& options) {
    return Planner(source, judge, options).run();
}

}  // namespace tidemark::aof_check
