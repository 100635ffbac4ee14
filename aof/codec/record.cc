#include "aof/codec/record.h"

#include <array>
#include <cstring>

#include "base/number.h"

namespace tidemark::aof {

namespace {

size_t digits_of(size_t value) {
    size_t digits = 1;
    for (; value >= 10; value /= 10) ++digits;
    return digits;
}

// `<type><number>\r\n`
char* write_header(char* to, char type, size_t number) {
    *to++ = type;
    // Most counts and lengths are short; the general routine costs more than copying the argument.
    if (number < 10) {
        *to++ = static_cast<char>('0' + number);
    } else if (number < 100) {
        *to++ = static_cast<char>('0' + number / 10);
        *to++ = static_cast<char>('0' + number % 10);
    } else {
        to += write_int64(to, static_cast<int64_t>(number));
    }
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

}  // namespace

size_t record_bytes(std::span<const std::string_view> args) {
    size_t bytes = 3 + digits_of(args.size());
    for (std::string_view arg : args) bytes += 5 + digits_of(arg.size()) + arg.size();
    return bytes;
}

void append_record(Buffer& out, std::span<const std::string_view> args) {
    // An upper bound saves the first of two walks: 26 is the longest header with its CRLFs.
    size_t bound = 26;
    for (std::string_view arg : args) bound += 26 + arg.size();
    char* const start = out.reserve(bound);
    char* to = write_header(start, '*', args.size());
    for (std::string_view arg : args) {
        to = write_header(to, '$', arg.size());
        if (!arg.empty()) std::memcpy(to, arg.data(), arg.size());
        to += arg.size();
        *to++ = '\r';
        *to++ = '\n';
    }
    out.commit(static_cast<size_t>(to - start));
}

void append_select(Buffer& out, int db) {
    std::array<char, kMaxInt64Chars + 1> digits;
    const std::string_view number(digits.data(), write_int64(digits.data(), db));
    const std::array<std::string_view, 2> args = {"select", number};
    append_record(out, args);
}

}  // namespace tidemark::aof
