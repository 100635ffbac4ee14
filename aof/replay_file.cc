#include "aof/replay_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/command_names.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

// Commands handed over at a time: enough for the target to prefetch their keys, few enough that
// their bytes are still in the cache.
constexpr size_t kBatchCommands = 64;
constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

// Collects commands and hands them to the target; a transaction only when its EXEC has come.
class CommandRun {
public:
    CommandRun(LogWalk& walk, ReplayContext& context, const std::string& path)
        : walk_(walk), context_(context), path_(path) {}

    Status add(const Item& item) {
        if (walk_.role() == LogWalk::Role::kMulti) {
            TM_CHECK(flush());  // releases the record in hand; nobody needs MULTI's arguments
            in_transaction_ = true;
            return {};
        }
        if (walk_.role() == LogWalk::Role::kExec) {
            in_transaction_ = false;
            return flush();
        }
        commands_.push_back({item.offset, item.first_arg, item.arg_count, Where::kScanner});
        if (!in_transaction_ && commands_.size() >= kBatchCommands) TM_CHECK(flush());
        return {};
    }

    // Nothing follows: an open transaction is dropped, everything before it is handed over.
    Status finish() { return in_transaction_ ? look_at_dropped() : flush(); }

    // Lets the walk go on. Inside a transaction the commands so far are copied.
    Status make_room() {
        if (!in_transaction_) return flush();
        for (Command& command : commands_) {
            if (command.where == Where::kCopied) continue;
            const auto args = scanner_args(command);
            command.first_arg = static_cast<uint32_t>(copied_.size());
            command.where = Where::kCopied;
            for (std::string_view arg : args) copied_.emplace_back(arg);
        }
        walk_.release();
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
        walk_.release();
        return {};
    }

private:
    enum class Where : uint8_t { kScanner, kCopied };
    struct Command {
        uint64_t offset;
        uint32_t first_arg;
        uint32_t arg_count;
        Where where;
    };

    // What is dropped must look like a transaction that was cut short. One whose EXEC was damaged
    // swallows all that follows; a command that nobody knows gives it away.
    Status look_at_dropped() {
        const CommandNames names;
        for (size_t i = 0; i < commands_.size(); ++i) {
            args_.clear();
            collect(commands_[i]);
            const CommandName* row = names.find(args_);
            if (row != nullptr && row->logged == Logged::kLogged &&
                arity_fits(*row, args_.size())) {
                continue;
            }
            Error error;
            error.code = ErrorCode::kCorrupt;
            error.what = "it is none that a log holds, in a transaction that does not end";
            return refusal(std::move(error), i);
        }
        return {};
    }

    std::span<const std::string_view> scanner_args(const Command& command) const {
        Item item;
        item.first_arg = command.first_arg;
        item.arg_count = command.arg_count;
        return walk_.args_of(item);
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

    LogWalk& walk_;
    ReplayContext& context_;
    const std::string& path_;
    std::vector<Command> commands_;
    std::vector<std::string> copied_;
    std::vector<std::string_view> args_;
    std::vector<std::span<const std::string_view>> spans_;
    bool in_transaction_ = false;
};

// Every file begins in database 0, whatever the one before it selected.
Status select_zero(ReplayTarget& target) {
    static constexpr std::string_view kSelect[] = {"SELECT", "0"};
    const std::span<const std::string_view> command(kSelect);
    size_t failed = 0;
    return target.apply({&command, 1}, &failed);
}

}  // namespace

Result<FileEnding> replay_file(const ReplayFile& input, ReplayContext& context) {
    FileSource source(input.file, input.size);
    LogWalk walk(source, {input.start, input.seals_promised, Hold::kWhole});
    CommandRun run(walk, context, input.path);
    TM_CHECK(select_zero(context.target));
    uint64_t next_progress = kProgressBytes;
    while (true) {
        const Item item = TM_TRY(walk.next());
        if (item.kind == ItemKind::kEnd) break;
        if (item.kind == ItemKind::kPause) TM_CHECK(run.make_room());
        if (item.kind == ItemKind::kRecord) TM_CHECK(run.add(item));
        if (walk.offset() < next_progress) continue;
        next_progress = walk.offset() + kProgressBytes;
        TM_CHECK(
            context.target.on_progress(context.bytes_before + walk.offset(), context.bytes_total));
    }
    const FileEnding& end = walk.ending();
    if (end.ending == Ending::kMalformed) {
        return fail(
            ErrorCode::kCorrupt,
            fmt::format("{} is damaged at offset {}: {}", input.path, end.problem_at, end.what),
            end.problem_at);
    }
    TM_CHECK(run.finish());
    context.report.bytes += end.keep - input.start;
    return end;
}

}  // namespace tidemark::aof
