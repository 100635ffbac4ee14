// Splits an inline request (`SET key "a value"`) into arguments, with Redis's quoting: double
// quotes with \n \r \t \b \a \xHH escapes, single quotes with \' only, blanks between arguments.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::resp {

// Appends the arguments of `line` (without its line end) to `args`. Plain ones are views into
// `line`; those with quotes are views into strings appended to `unquoted`. False, and nothing
// appended to `args`, when quotes do not close or something follows a closing quote.
[[nodiscard]] bool split_inline(std::string_view line, std::vector<std::string_view>& args,
                                std::deque<std::string>& unquoted);

}  // namespace tidemark::resp
