// Integers in arguments. Each function answers with the error itself and returns nothing when the
// argument does not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cmd/command.h"
#include "cmd/errors.h"

namespace tidemark::cmd {

std::optional<int64_t> integer_arg(Call& call, size_t index,
                                   std::string_view error = errors::kNotInteger);

// Between `min` and `max`; a number outside is told the interval.
std::optional<int64_t> integer_arg_between(Call& call, size_t index, int64_t min, int64_t max);

// A C int where Redis reads one. Without `error`, a number that is too big is told the interval.
std::optional<int> int_arg(Call& call, size_t index, std::string_view error = {});

// Milliseconds to wait, 0: for ever. Refuses negative ones and those that reach past the end of
// time.
std::optional<int64_t> timeout_ms_arg(Call& call, size_t index, int64_t now_ms);

// The number of an existing database.
std::optional<int> db_arg(Call& call, size_t index);

}  // namespace tidemark::cmd
