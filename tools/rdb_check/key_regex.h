// A regular expression (PCRE2's syntax, on bytes) that takes a bounded time a key: past the limit
// it gives up and says so, instead of hanging on a pattern like (a+)+$.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct pcre2_real_code_8;

namespace tidemark::rdb_check {

class KeyRegex {
public:
    // kInvalid: it does not compile; `offset` is the place in the pattern.
    static Result<KeyRegex> compile(std::string_view pattern);

    // Found anywhere in `text`; ^ and $ tie it. kLimit: too much backtracking.
    Result<bool> matches(std::string_view text) const;

private:
    explicit KeyRegex(pcre2_real_code_8* code);

    std::shared_ptr<pcre2_real_code_8> code_;
};

}  // namespace tidemark::rdb_check
