// Words as Redis splits them in inline requests, redis.conf and manifests: blanks between them,
// "..." with \n \r \t \b \a \xHH and \ before any other character, '...' with \' only. A closing
// quote ends its word: blanks or the line's end must follow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

// Between words any white space counts; inside one without quotes only the first four end it, so
// that a vertical tab leads no word but may be within one.
bool is_word_space(char c);
bool ends_plain_word(char c);
bool is_quote(char c);

// Takes one word, from `at`, which is not on white space, and moves `at` behind it. False: a quote
// does not close, or something follows directly behind the closing one.
[[nodiscard]] bool take_word(std::string_view line, size_t& at, std::string& into);

// Empty for the same reasons.
std::optional<std::vector<std::string>> split_words(std::string_view line);

// The word as split_words reads it back: in double quotes when it has to be.
std::string quote_word(std::string_view word);

}  // namespace tidemark
