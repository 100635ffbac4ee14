#include "aof/replay_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "aof/codec/seal_search.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

// Commands handed over at a time: enough for the target to prefetch their keys, few enough that
// their bytes are still in the cache.
constexpr size_t kBatchCommands = 64;
constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

bool is_word(std::string_view arg, std::string_view lower) {
    return arg.size() == lower.size() &&
           std::equal(arg.begin(), arg.end(), lower.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) == b;
           });
}

// Collects commands and hands them to the target; a transaction only when its EXEC has come.
class CommandRun {
public:
    CommandRun(Scanner& scanner, ReplayContext& context, const std::string& path)
        : scanner_(scanner), context_(context), path_(path) {}

    bool in_transaction() const { return in_transaction_; }
    uint64_t multi_offset() const { return multi_offset_; }
    uint64_t multi_piece() const { return multi_piece_; }
    bool multi_begins_piece() const { return multi_begins_piece_; }

    void note_seal(uint64_t offset) {
        piece_ = offset;
        only_selects_ = true;
    }

    // False: the record does not fit where it stands (nested MULTI, stray EXEC).
    Result<bool> add(const Item& item) {
        const auto args = scanner_.args_of(item);
        if (args.size() == 1 && is_word(args[0], "multi")) return begin(item);
        if (args.size() == 1 && is_word(args[0], "exec")) return commit();
        if (!is_word(args[0], "select")) only_selects_ = false;
        commands_.push_back({item.offset, item.first_arg, item.arg_count, Where::kScanner});
        if (!in_transaction_ && commands_.size() >= kBatchCommands) TM_CHECK(flush());
        return true;
    }

    // Lets the scanner go on. Inside a transaction the commands so far are copied.
    Status make_room() {
        if (!in_transaction_) return flush();
        for (Command& command : commands_) {
            if (command.where == Where::kCopied) continue;
            const auto args = scanner_args(command);
            command.first_arg = static_cast<uint32_t>(copied_.size());
            command.where = Where::kCopied;
            for (std::string_view arg : args) copied_.emplace_back(arg);
        }
        scanner_.release();
        return {};
    }

    // Hands over everything outside an open transaction.
    Status flush() {
        TM_ASSERT(!in_transaction_);
        if (!commands_.empty()) {
            args_.clear();
            for (const Command& command : commands_) collect(command);
            spans_.clear();
            size_t at = 0;
            for (const Command& command : commands_) {
                spans_.emplace_back(args_.data() + at, command.arg_count);
                at += command.arg_count;
            }
            size_t failed = 0;
            const Status status = context_.target.apply(spans_, &failed);
            if (!status) return refusal(status.error(), std::min(failed, commands_.size() - 1));
            context_.report.commands += commands_.size();
            commands_.clear();
            copied_.clear();
        }
        scanner_.release();
        return {};
    }

    void drop_transaction() {
        in_transaction_ = false;
        commands_.clear();
        copied_.clear();
    }

private:
    enum class Where : uint8_t { kScanner, kCopied };
    struct Command {
        uint64_t offset;
        uint32_t first_arg;
        uint32_t arg_count;
        Where where;
    };

    Result<bool> begin(const Item& item) {
        if (in_transaction_) return false;
        TM_CHECK(flush());  // releases the record in hand; nobody needs MULTI's arguments
        in_transaction_ = true;
        multi_offset_ = item.offset;
        multi_piece_ = piece_;
        multi_begins_piece_ = only_selects_;
        return true;
    }

    Result<bool> commit() {
        if (!in_transaction_) return false;
        in_transaction_ = false;
        only_selects_ = false;
        TM_CHECK(flush());
        return true;
    }

    std::span<const std::string_view> scanner_args(const Command& command) const {
        Item item;
        item.first_arg = command.first_arg;
        item.arg_count = command.arg_count;
        return scanner_.args_of(item);
    }

    void collect(const Command& command) {
        if (command.where == Where::kScanner) {
            const auto args = scanner_args(command);
            args_.insert(args_.end(), args.begin(), args.end());
        } else {
            const auto first = copied_.begin() + command.first_arg;
            args_.insert(args_.end(), first, first + command.arg_count);
        }
    }

    Status refusal(Error error, size_t failed) const {
        error.offset = commands_[failed].offset;
        error.what = fmt::format("{}: the command at offset {} cannot be replayed: {}", path_,
                                 error.offset, error.what);
        return fail(std::move(error));
    }

    Scanner& scanner_;
    ReplayContext& context_;
    const std::string& path_;
    std::vector<Command> commands_;
    std::vector<std::string> copied_;
    std::vector<std::string_view> args_;
    std::vector<std::span<const std::string_view>> spans_;
    bool in_transaction_ = false;
    uint64_t multi_offset_ = 0;
    uint64_t piece_ = 0;  // offset of the seal in force
    uint64_t multi_piece_ = 0;
    bool only_selects_ = true;  // since that seal
    bool multi_begins_piece_ = false;
};

class FileReplay {
public:
    FileReplay(const ReplayFile& input, ReplayContext& context)
        : input_(input),
          context_(context),
          source_(input.file, input.size),
          scanner_(source_, input.start),
          run_(scanner_, context, input_.path) {
        ending_.keep = input.start;
    }

    Result<FileEnding> run() {
        part_ = TM_TRY(begins_sealed()) ? Part::kSealed : Part::kForeign;
        ours_ = part_ == Part::kSealed;
        // Every file begins in database 0, whatever the one before it selected.
        TM_CHECK(select_zero());
        while (true) {
            const Item item = scanner_.next();
            if (item.kind == ItemKind::kPause) {
                TM_CHECK(run_.make_room());
                continue;
            }
            if (item.problem == Problem::kIo) return fail(scanner_.io_error());
            if (item.kind == ItemKind::kEnd || item.kind == ItemKind::kProblem) {
                return finish(item);
            }
            if (!TM_TRY(take(item))) return finish(item);
            TM_CHECK(note_progress());
        }
    }

private:
    // Where in the file the scan is.
    enum class Part : uint8_t { kSealed, kFill, kForeign };

    Result<bool> begins_sealed() {
        if (input_.start != 0) return false;
        if (input_.seals_promised) return true;
        char head[kSealPrefix.size()];
        const size_t got = TM_TRY(input_.file.read_at(head, sizeof head, 0));
        return got == sizeof head && std::string_view(head, got) == kSealPrefix;
    }

    Status select_zero() {
        static constexpr std::string_view kSelect[] = {"SELECT", "0"};
        const std::span<const std::string_view> command(kSelect);
        size_t failed = 0;
        return context_.target.apply({&command, 1}, &failed);
    }

    // False: the item does not belong here, which ends the part of the file that counts.
    Result<bool> take(const Item& item) {
        switch (item.kind) {
            case ItemKind::kSeal:
                if (part_ != Part::kSealed) return false;
                run_.note_seal(item.offset);
                ending_.known_durable = std::max(ending_.known_durable, item.seal.durable);
                break;
            case ItemKind::kFill:
                if (part_ == Part::kSealed) part_ = Part::kFill;
                // A stock redis-server has read past it and appended; so it may stand anywhere in
                // a file that is not ours. Behind foreign records nobody writes any.
                if (part_ == Part::kForeign && ours_) return false;
                break;
            case ItemKind::kTimestamp:
            case ItemKind::kAnnotation:
                // Outside a seal and not yet foreign: it counts when a foreign record follows.
                if (!item.sealed && part_ != Part::kForeign)
                    return item.kind == ItemKind::kTimestamp;
                break;
            default:
                return take_record(item);
        }
        if (part_ != Part::kFill) ending_.keep = scanner_.offset();
        return true;
    }

    Result<bool> take_record(const Item& item) {
        if (part_ != Part::kForeign && !item.sealed) {
            if (run_.in_transaction() || !begins_foreign(item)) return false;
            part_ = Part::kForeign;
        }
        if (!TM_TRY(run_.add(item))) {
            misplaced_ = true;
            return false;
        }
        ending_.keep = scanner_.offset();
        return true;
    }

    // What a stock redis-server writes first, in its own spelling. Ours is in lower case, so a
    // torn group never looks like this.
    bool begins_foreign(const Item& item) const {
        const auto args = scanner_.args_of(item);
        return (args.size() == 2 && args[0] == "SELECT") ||
               (args.size() == 1 && args[0] == "MULTI");
    }

    Result<FileEnding> finish(const Item& last) {
        ending_.problem_at = last.offset;
        ending_.what = last.kind == ItemKind::kProblem ? last.what : "";
        if (part_ == Part::kForeign) TM_CHECK(finish_foreign(last));
        if (part_ != Part::kForeign) TM_CHECK(finish_ours(last));
        if (!run_.in_transaction()) TM_CHECK(run_.flush());
        run_.drop_transaction();
        context_.report.bytes += ending_.keep - input_.start;
        return ending_;
    }

    // Redis's rules: cut short is an ending, anything else is a refusal.
    Status finish_foreign(const Item& last) {
        if (misplaced_) {
            return malformed(
                last, run_.in_transaction() ? "MULTI inside a transaction" : "EXEC without MULTI");
        }
        const bool cut_short = last.problem == Problem::kTruncated;
        if (last.kind != ItemKind::kEnd && !cut_short) {
            return malformed(last,
                             last.kind == ItemKind::kProblem ? last.what : "not a log record");
        }
        if (run_.in_transaction()) {
            ending_.ending = Ending::kOpenMulti;
            ending_.keep = ending_.problem_at = run_.multi_offset();
            ending_.what = "ends inside a transaction";
        } else if (cut_short) {
            ending_.ending = Ending::kTruncated;
        } else {
            ending_.ending = ours_ ? Ending::kForeign : Ending::kClean;
        }
        return {};
    }

    Status finish_ours(const Item& last) {
        if (misplaced_)
            return malformed(last, "a transaction that does not fit, under a good seal");
        if (run_.in_transaction()) {
            if (!run_.multi_begins_piece()) {
                return malformed(last, "a sealed piece ends inside a transaction");
            }
            ending_.keep = run_.multi_piece();
        }
        // Cut short in the middle of a piece whose seal was fine cannot be: the seal covers it.
        if (last.sealed && last.kind == ItemKind::kProblem) return malformed(last, last.what);
        if (last.kind == ItemKind::kEnd && !run_.in_transaction()) {
            ending_.ending = part_ == Part::kFill ? Ending::kFill : Ending::kClean;
            return {};
        }
        ending_.ending = Ending::kTorn;
        ending_.problem_at = ending_.keep;
        if (ending_.what.empty()) ending_.what = "bytes without a seal";
        // A seal that was written when these bytes were already synced proves that they were lost
        // afterwards: not a torn write.
        const auto witness = TM_TRY(find_seal(source_, ending_.keep, ending_.keep));
        if (witness) {
            ending_.ending = Ending::kDamaged;
            ending_.what += fmt::format(
                "; the seal at offset {} says that everything before offset "
                "{} was synced",
                witness->offset, witness->durable);
        }
        return {};
    }

    Status malformed(const Item& last, std::string_view what) const {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("{} is damaged at offset {}: {}", input_.path, last.offset, what),
                    last.offset);
    }

    Status note_progress() {
        if (scanner_.offset() < next_progress_) return {};
        next_progress_ = scanner_.offset() + kProgressBytes;
        return context_.target.on_progress(context_.bytes_before + scanner_.offset(),
                                           context_.bytes_total);
    }

    const ReplayFile& input_;
    ReplayContext& context_;
    FileSource source_;
    Scanner scanner_;
    CommandRun run_;
    Part part_ = Part::kSealed;
    bool ours_ = false;
    bool misplaced_ = false;
    uint64_t next_progress_ = kProgressBytes;
    FileEnding ending_;
};

}  // namespace

Result<FileEnding> replay_file(const ReplayFile& input, ReplayContext& context) {
    return FileReplay(input, context).run();
}

}  // namespace tidemark::aof
