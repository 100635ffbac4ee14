// The words of a configuration line: separated by blanks, with quotes and escapes as in redis.conf.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::server {

// "..." with \n \r \t \a \b \xHH and \c for any other c; '...' with \' only. A closing quote ends
// its word. Nothing: quotes that do not balance.
std::optional<std::vector<std::string>> split_words(std::string_view line);

// The word as split_words reads it back: in quotes when it has to be.
std::string quote_word(std::string_view word);

}  // namespace tidemark::server
