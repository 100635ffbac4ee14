#include "cmd/parse_expiry.h"

#include <array>

#include "cmd/errors.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

struct ExpireWord {
    std::string_view word;
    TimeForm form;
};

constexpr auto kExpireWords = std::to_array<ExpireWord>({
    {"EX", {TimeUnit::kSeconds, TimeBase::kNow}},
    {"PX", {TimeUnit::kMilliseconds, TimeBase::kNow}},
    {"EXAT", {TimeUnit::kSeconds, TimeBase::kEpoch}},
    {"PXAT", {TimeUnit::kMilliseconds, TimeBase::kEpoch}},
});

const ExpireWord* find_expire_word(std::string_view arg) {
    for (const ExpireWord& candidate : kExpireWords) {
        if (is_option(arg, candidate.word)) return &candidate;
    }
    return nullptr;
}

bool same_form(TimeForm a, TimeForm b) {
    return a.unit == b.unit && a.base == b.base;
}

// EX may come twice (the newer counts), but not after PX or another way to say when.
bool take_expire_word(StringOptions& options, const ExpireWord& word, size_t value_index) {
    if (options.keep_ttl || options.persist) return false;
    if (options.expire_index != 0 && !same_form(options.expire_form, word.form)) return false;
    options.expire_index = value_index;
    options.expire_form = word.form;
    return true;
}

bool take_set_word(StringOptions& options, std::string_view arg) {
    using Condition = StringOptions::Condition;
    if (is_option(arg, "NX") && options.condition != Condition::kIfExists) {
        options.condition = Condition::kIfMissing;
    } else if (is_option(arg, "XX") && options.condition != Condition::kIfMissing) {
        options.condition = Condition::kIfExists;
    } else if (is_option(arg, "GET")) {
        options.get = true;
    } else if (is_option(arg, "KEEPTTL") && options.expire_index == 0) {
        options.keep_ttl = true;
    } else {
        return false;
    }
    return true;
}

bool take_getex_word(StringOptions& options, std::string_view arg) {
    if (!is_option(arg, "PERSIST") || options.expire_index != 0) return false;
    options.persist = true;
    return true;
}

}  // namespace

std::optional<StringOptions> parse_string_options(Call& call, size_t first, OptionSet allowed) {
    StringOptions options;
    for (size_t i = first; i < call.args.size(); ++i) {
        const ExpireWord* word =
            i + 1 < call.args.size() ? find_expire_word(call.args[i]) : nullptr;
        const bool taken = word != nullptr              ? take_expire_word(options, *word, ++i)
                           : allowed == OptionSet::kSet ? take_set_word(options, call.args[i])
                                                        : take_getex_word(options, call.args[i]);
        if (!taken) {
            call.reply.error(errors::kSyntax);
            return std::nullopt;
        }
    }
    return options;
}

std::optional<int64_t> expire_arg(Call& call, size_t index, TimeForm form, int64_t now_ms,
                                  std::string_view command) {
    const auto value = integer_arg(call, index);
    if (!value) return std::nullopt;
    int64_t at_ms = *value;
    const int64_t scale = form.unit == TimeUnit::kSeconds ? 1000 : 1;
    const int64_t base = form.base == TimeBase::kNow ? now_ms : 0;
    if (*value <= 0 || __builtin_mul_overflow(at_ms, scale, &at_ms) ||
        __builtin_add_overflow(at_ms, base, &at_ms)) {
        call.reply.error(errors::invalid_expire_time(command));
        return std::nullopt;
    }
    return at_ms;
}

}  // namespace tidemark::cmd
