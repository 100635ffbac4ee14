#include "bench/reply_counter.h"

#include <algorithm>
#include <cstring>

#include "base/number.h"

namespace tidemark::bench {

ReplyCounter::Counts ReplyCounter::feed(std::string_view bytes) {
    Counts counts;
    std::string_view line;
    while (!bytes.empty() && !malformed_) {
        if (skip_ > 0) {
            const size_t taken = std::min<uint64_t>(skip_, bytes.size());
            bytes.remove_prefix(taken);
            skip_ -= taken;
            if (skip_ == 0) counts.replies++;
            continue;
        }
        if (!take_line(bytes, line)) break;
        count_line(line, counts);
        partial_.clear();
    }
    return counts;
}

bool ReplyCounter::take_line(std::string_view& bytes, std::string_view& line) {
    const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
    const bool whole = newline != nullptr;
    const size_t length = whole ? static_cast<size_t>(newline - bytes.data()) + 1 : bytes.size();
    if (whole && partial_.empty()) {
        line = bytes.substr(0, length);
    } else {
        partial_.append(bytes.data(), length);
        line = partial_;
    }
    bytes.remove_prefix(length);
    if (!whole && partial_.size() > kMaxLine) malformed_ = true;
    return whole;
}

void ReplyCounter::count_line(std::string_view line, Counts& counts) {
    if (line.size() < 3 || line[line.size() - 2] != '\r') {
        malformed_ = true;
        return;
    }
    const std::string_view body = line.substr(1, line.size() - 3);
    switch (line[0]) {
        case '+':
        case ':':
            counts.replies++;
            return;
        case '-':
            if (first_error_.empty()) first_error_ = body;
            counts.replies++;
            counts.errors++;
            return;
        case '_':
            counts.replies++;
            counts.misses++;
            return;
        case '$':
            break;
        default:
            malformed_ = true;
            return;
    }
    if (body == "-1") {
        counts.replies++;
        counts.misses++;
    } else if (const auto length = parse_uint64(body)) {
        skip_ = *length + 2;
    } else {
        malformed_ = true;
    }
}

}  // namespace tidemark::bench
