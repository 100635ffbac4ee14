#define PCRE2_CODE_UNIT_WIDTH 8

#include "tools/rdb_check/key_regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <array>

namespace tidemark::rdb_check {

namespace {

// Steps a key: some milliseconds at worst. An ordinary pattern needs a few a byte.
constexpr uint32_t kMatchSteps = 500'000;
constexpr uint32_t kHeapKib = 8 * 1024;

std::string message_of(int error) {
    std::array<unsigned char, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return {text.begin(), std::find(text.begin(), text.end(), '\0')};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

using MatchContext = std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

MatchContext make_context() {
    MatchContext context(pcre2_match_context_create(nullptr), &pcre2_match_context_free);
    pcre2_set_match_limit(context.get(), kMatchSteps);
    pcre2_set_heap_limit(context.get(), kHeapKib);
    return context;
}

}  // namespace

KeyRegex::KeyRegex(pcre2_real_code_8* code) : code_(code, &pcre2_code_free) {}

Result<KeyRegex> KeyRegex::compile(std::string_view pattern) {
    int error = 0;
    size_t offset = 0;
    pcre2_code* code =
        pcre2_compile(bytes_of(pattern), pattern.size(), PCRE2_DOTALL, &error, &offset, nullptr);
    if (code != nullptr) return KeyRegex(code);
    return fail(ErrorCode::kInvalid,
                fmt::format("the regular expression is wrong: {}", message_of(error)), offset);
}

Result<bool> KeyRegex::matches(std::string_view text) const {
    thread_local const MatchContext context = make_context();
    thread_local const MatchData match(pcre2_match_data_create(1, nullptr), &pcre2_match_data_free);
    const int found =
        pcre2_match(code_.get(), bytes_of(text), text.size(), 0, 0, match.get(), context.get());
    if (found >= 0) return true;
    if (found == PCRE2_ERROR_NOMATCH) return false;
    return fail(ErrorCode::kLimit,
                fmt::format("the regular expression gave up: {}", message_of(found)));
}

}  // namespace tidemark::rdb_check
