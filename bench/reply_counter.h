// Counts the replies in a byte stream that may be split anywhere, and nothing more: simple
// strings, errors, integers, nulls and bulk strings, as GET, SET, INCR and PING give them. Any
// other first byte is a protocol error of the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::bench {

class ReplyCounter {
public:
    struct Counts {
        uint64_t replies = 0;  // complete ones in this chunk, the errors and misses included
        uint64_t errors = 0;
        uint64_t misses = 0;
    };

    Counts feed(std::string_view bytes);

    bool malformed() const { return malformed_; }
    // Text of the first error reply seen, without the `-`.
    const std::string& first_error() const { return first_error_; }

private:
    // Takes the first line (or what is missing of it) off `bytes`; false: it does not end here.
    bool take_line(std::string_view& bytes, std::string_view& line);
    void count_line(std::string_view line, Counts& counts);

    // A line longer than this is not one of a counted kind.
    static constexpr size_t kMaxLine = 4096;

    uint64_t skip_ = 0;  // bytes of a bulk string with its CRLF that are still to come
    std::string partial_;
    std::string first_error_;
    bool malformed_ = false;
};

}  // namespace tidemark::bench
