// How much may be read for candidates that turn out to be none.
//
// A seal may claim any length, and a record any number of arguments, so bytes can be laid out in
// which every line is a candidate that takes the rest of the file to disprove: a file that somebody
// made, or values in a log. What is disproved is charged here, and a search that has used up its
// budget ends with kLimit. So each byte is read a bounded number of times, however many candidates
// there are; a log that only broke comes nowhere near.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace tidemark::aof {

class SearchBudget {
public:
    static constexpr uint64_t kTimesRead = 16;
    static constexpr uint64_t kBytesAtLeast = 64 * 1024 * 1024;

    // For searching `bytes`, in one go or in several.
    explicit SearchBudget(uint64_t bytes) : left_(kBytesAtLeast + kTimesRead * bytes) {}

    Status charge(uint64_t bytes) {
        is_used_up_ = is_used_up_ || bytes > left_;
        if (is_used_up_)
            return fail(ErrorCode::kLimit, "too much only looks like a log to search on");
        left_ -= bytes;
        return {};
    }

    bool is_used_up() const { return is_used_up_; }

private:
    uint64_t left_;
    bool is_used_up_ = false;
};

// The search's answer, or none where its budget ended it.
template <class Found>
Result<std::optional<Found>> none_at_limit(Result<std::optional<Found>> found) {
    if (!found && found.error().code == ErrorCode::kLimit) return std::optional<Found>();
    return found;
}

}  // namespace tidemark::aof
