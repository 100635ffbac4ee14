#include "tools/aof_check/judge.h"

#include <fmt/format.h>

#include "base/number.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

std::string unknown(std::span<const std::string_view> args) {
    std::string text = fmt::format("unknown command '{}'", tools::escape_short(args[0]));
    if (args[0].find('.') != std::string_view::npos) {
        text += fmt::format(", a module's? --accept {} takes it for good",
                            tools::escape_short(args[0]));
    }
    return text;
}

}  // namespace

std::optional<std::string> Judge::refusal(std::span<const std::string_view> args,
                                          uint64_t args_total) {
    // A log repeats itself: most records are the command of the one before.
    if (last_name_.empty() || args[0] != last_name_) {
        row_ = names_.find(args);
        last_name_.clear();
        if (row_ == nullptr) return unknown(args);
        if (row_->name.size() == args[0].size()) last_name_ = args[0];
    }
    if (!arity_fits(*row_, args_total)) {
        return fmt::format("{} with {} arguments", row_->name, args_total - 1);
    }
    if (row_->logged == aof::Logged::kNotLogged)
        return fmt::format("{}, which no server writes to a log", row_->name);
    if (row_->name == "SELECT") {
        const auto db = parse_int64(args[1]);
        if (!db || *db < 0 || static_cast<uint64_t>(*db) >= databases_) {
            return fmt::format("SELECT of database {}, of {} (--databases)",
                               tools::escape_short(args[1], 20), databases_);
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> first_key(const aof::CommandName& row,
                                          std::span<const std::string_view> args) {
    const auto at = static_cast<size_t>(row.keys.first);
    if (at == 0 || at >= args.size()) return std::nullopt;
    return args[at];
}

}  // namespace tidemark::aof_check
