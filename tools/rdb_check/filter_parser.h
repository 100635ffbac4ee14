// Filters as text:
//
//   type=hash and (key~'user:*' or ttl<60s) and not slot=0..8191
//
//   filter = test | filter and filter | filter or filter | not filter | ( filter )
//   test   = db | slot | freq        = != < <= > >=      numbers
//          | size | elements         the same            numbers, size also as 10k, 2m, 1g (of
//          1024) | ttl | idle              the same            seconds, or 90s, 5m, 12h, 7d; ttl
//          also in ms | ttl                     = !=                none, any, expired | type = !=
//          string list set zset hash stream module | key                     = != ~ !~ =~ exact;
//          glob; regular expression
//
// `not` binds tightest, then `and`, then `or`. Where = is, a list (db=0,3) and ranges with both
// ends (size=1k..1m, db=4..) are, too. Text in '...' is taken as it is; in "..." there are \" \\ \n
// \r \t and \xHH; bare text ends at a space or a closing parenthesis. An expired key has a ttl
// below 0.
#pragma once

#include <string_view>

#include "base/result.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

// Deeper nesting than this is refused.
inline constexpr int kFilterDepthMax = 64;

// kInvalid: what is wrong and at which column, counted from 1; `offset` has it from 0.
Result<Filter::Node> parse_filter(std::string_view text);

// How the value of a simple option is read: `>=10k` has its operator in front, `0,3` means =. The
// value of key is a glob.
Result<Filter::Node> parse_option(Field field, std::string_view text);
Result<Filter::Node> parse_key_regex(std::string_view pattern);

}  // namespace tidemark::rdb_check
