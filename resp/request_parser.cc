// The hot path is parse -> parse_multibulk -> read_bulk -> read_length: a request that lies whole
// in the input is read once, digit by digit, straight into the batch. Everything rare (a line that
// is cut off, wrong or strange) goes through read_length_slowly, and a request whose end has not
// arrived goes into partial_ and on through resume_multibulk.
//
// Invariants
//  1. Nothing is reserved because of a length that a client announced; memory follows bytes that
//     have arrived.
//  2. Time is linear in the bytes, however they are split; only a line that announces a length (at
//     most 64 KiB) is searched again from its start.
#include "resp/request_parser.h"

#include <cstring>

#include "base/number.h"
#include "resp/inline_args.h"

namespace tidemark::resp {

namespace {

// Past this many arguments a batch or a parser gives its memory back after use (1 MiB of views).
constexpr size_t kArgsKept = 64 * 1024;

bool is_crlf(const char* at) {
    uint16_t pair;
    std::memcpy(&pair, at, sizeof pair);
    uint16_t crlf;
    std::memcpy(&crlf, "\r\n", sizeof crlf);
    return pair == crlf;
}

}  // namespace

void RequestBatch::clear() {
    if (args.capacity() > kArgsKept) std::vector<std::string_view>().swap(args);
    args.clear();
    requests.clear();
    if (!unquoted.empty()) unquoted.clear();
}

RequestParser::State RequestParser::parse(std::string_view input, size_t max_requests,
                                          const Limits& limits, RequestBatch& batch,
                                          size_t* consumed) {
    size_t done = 0;
    size_t taken = 0;
    State state = State::kNeedMore;
    bytes_expected_ = 0;
    while (done < input.size()) {
        if (taken == max_requests) {
            state = State::kFull;
            break;
        }
        Cursor cursor{input.substr(done)};
        const size_t first_arg = batch.args.size();
        const bool multibulk = cursor.input[0] == '*';
        const Step step = !multibulk                ? parse_inline(cursor, limits, batch)
                          : partial_.arg_total >= 0 ? resume_multibulk(cursor, limits, batch)
                                                    : parse_multibulk(cursor, limits, batch);
        if (step != Step::kDone) {
            if (step == Step::kError) state = State::kError;
            break;
        }
        done += cursor.at;
        const size_t arg_count = batch.args.size() - first_arg;
        if (arg_count == 0) continue;  // `*0`, `*-1`, an empty line
        const bool canonical = multibulk && cursor.canonical;
        batch.requests.push_back(
            {static_cast<uint32_t>(first_arg), static_cast<uint32_t>(arg_count),
             canonical ? cursor.input.substr(0, cursor.at) : std::string_view(), done});
        ++taken;
    }
    *consumed = done;
    return state;
}

RequestParser::Step RequestParser::parse_multibulk(Cursor& cursor, const Limits& limits,
                                                   RequestBatch& batch) {
    int64_t arg_total = 0;
    if (const Step step = read_header(cursor, limits, &arg_total); step != Step::kDone) return step;
    const size_t first_arg = batch.args.size();
    for (int64_t i = 0; i < arg_total; ++i) {
        const Step step = read_bulk(cursor, limits, [&batch, &cursor](size_t from, size_t length) {
            batch.args.emplace_back(cursor.input.data() + from, length);
        });
        if (step == Step::kDone) continue;
        if (step == Step::kNeedMore) keep_partial(cursor, arg_total, first_arg, batch);
        batch.args.resize(first_arg);
        return step;
    }
    return Step::kDone;
}

// Arguments stay offsets until the last one is in: copying them into the batch at each attempt
// would make a million of them quadratic.
RequestParser::Step RequestParser::resume_multibulk(Cursor& cursor, const Limits& limits,
                                                    RequestBatch& batch) {
    cursor.at = partial_.scanned;
    cursor.canonical = partial_.canonical;
    while (static_cast<int64_t>(partial_.args.size()) < partial_.arg_total) {
        const Step step = read_bulk(cursor, limits, [this](size_t from, size_t length) {
            partial_.args.emplace_back(from, length);
        });
        if (step == Step::kDone) continue;
        partial_.scanned = cursor.at;
        partial_.canonical = cursor.canonical;
        return step;
    }
    for (const auto& [from, length] : partial_.args) {
        batch.args.emplace_back(cursor.input.data() + from, length);
    }
    drop_partial();
    return Step::kDone;
}

void RequestParser::keep_partial(const Cursor& cursor, int64_t arg_total, size_t first_arg,
                                 RequestBatch& batch) {
    partial_.arg_total = arg_total;
    partial_.scanned = cursor.at;
    partial_.canonical = cursor.canonical;
    partial_.args.clear();
    for (size_t i = first_arg; i < batch.args.size(); ++i) {
        const std::string_view arg = batch.args[i];
        partial_.args.emplace_back(static_cast<size_t>(arg.data() - cursor.input.data()),
                                   arg.size());
    }
}

void RequestParser::drop_partial() {
    partial_.arg_total = -1;
    partial_.scanned = 0;
    partial_.canonical = true;
    if (partial_.args.capacity() > 0) std::vector<std::pair<size_t, size_t>>().swap(partial_.args);
}

// `*<count>CRLF`. A negative count is a request without arguments, like `*0`.
RequestParser::Step RequestParser::read_header(Cursor& cursor, const Limits& limits,
                                               int64_t* arg_total) {
    const Step step = read_length(cursor, limits, Line::kMultibulk, arg_total);
    if (step != Step::kDone) return step;
    if (*arg_total > limits.max_multibulk) return protocol_error("invalid multibulk length");
    if (limits.unauthenticated && *arg_total > Limits::kUnauthenticatedMultibulk) {
        return protocol_error("unauthenticated multibulk length");
    }
    return Step::kDone;
}

// `$<length>CRLF<bytes>CRLF`, all of it or nothing: the cursor moves only when it is whole.
template <class Take>
inline RequestParser::Step RequestParser::read_bulk(Cursor& cursor, const Limits& limits,
                                                    Take&& take) {
    const size_t start = cursor.at;
    const bool canonical_before = cursor.canonical;
    int64_t announced = 0;
    const Step step = read_length(cursor, limits, Line::kBulk, &announced);
    if (step != Step::kDone) return step;
    if (announced < 0 || announced > limits.max_bulk_bytes) {
        return protocol_error("invalid bulk length");
    }
    if (limits.unauthenticated && announced > Limits::kUnauthenticatedBulkBytes) {
        return protocol_error("unauthenticated bulk length");
    }
    const auto length = static_cast<size_t>(announced);
    if (cursor.input.size() - cursor.at < length + 2) {
        bytes_expected_ = cursor.at + length + 2;
        cursor.at = start;
        cursor.canonical = canonical_before;
        return Step::kNeedMore;
    }
    take(cursor.at, length);
    cursor.at += length;
    if (!is_crlf(cursor.input.data() + cursor.at)) cursor.canonical = false;
    cursor.at += 2;
    return Step::kDone;
}

// One type byte, decimal digits, CRLF. The digits of lengths that occur fit eight places; anything
// else about the line is for the slow path.
inline RequestParser::Step RequestParser::read_length(Cursor& cursor, const Limits& limits,
                                                      Line line, int64_t* value) {
    constexpr size_t kMaxDigits = 8;
    const char type = line == Line::kMultibulk ? '*' : '$';
    const char* const from = cursor.input.data() + cursor.at;
    const size_t left = cursor.input.size() - cursor.at;
    // Type, digits and CRLF must be there, so that the loop needs no bound but the digits'.
    if (__builtin_expect(left >= kMaxDigits + 3 && from[0] == type, 1)) {
        auto digit = static_cast<unsigned>(from[1]) - '0';
        if (digit - 1 < 9 || (digit == 0 && from[2] == '\r')) {
            uint32_t number = digit;
            size_t i = 2;
            for (; i <= kMaxDigits; ++i) {
                digit = static_cast<unsigned>(from[i]) - '0';
                if (digit > 9) break;
                number = number * 10 + digit;
            }
            if (is_crlf(from + i)) {
                *value = number;
                cursor.at += i + 2;
                return Step::kDone;
            }
        }
    }
    return read_length_slowly(cursor, limits, line, value);
}

// Redis looks for the CR first and judges the line then, so a wrong type byte shows only when its
// line is complete. The byte behind the CR is taken unseen.
RequestParser::Step RequestParser::read_length_slowly(Cursor& cursor, const Limits& limits,
                                                      Line line, int64_t* value) {
    const std::string_view rest = cursor.input.substr(cursor.at);
    const auto limit = static_cast<size_t>(limits.max_inline_bytes);
    const size_t cr = rest.substr(0, limit + 1).find('\r');
    if (cr == std::string_view::npos) {
        if (rest.size() <= limit) return Step::kNeedMore;
        return protocol_error(line == Line::kMultibulk ? "too big mbulk count string"
                                                       : "too big bulk count string");
    }
    if (rest.size() < cr + 2) return Step::kNeedMore;
    if (line == Line::kBulk && rest[0] != '$') {
        // The reply is one line: what would end it early is shown as a space.
        const char shown = rest[0] == '\r' || rest[0] == '\n' ? ' ' : rest[0];
        return protocol_error(std::string("expected '$', got '") + shown + "'");
    }
    const std::optional<int64_t> number = parse_int64(rest.substr(1, cr - 1));
    if (!number) {
        return protocol_error(line == Line::kMultibulk ? "invalid multibulk length"
                                                       : "invalid bulk length");
    }
    *value = *number;
    if (rest[cr + 1] != '\n') cursor.canonical = false;
    cursor.at += cr + 2;
    return Step::kDone;
}

RequestParser::Step RequestParser::parse_inline(Cursor& cursor, const Limits& limits,
                                                RequestBatch& batch) {
    const auto limit = static_cast<size_t>(limits.max_inline_bytes);
    const size_t line_end = cursor.input.substr(0, limit + 1).find('\n', partial_.scanned);
    // As Redis, which looks for the line's end in a C string: a NUL hides everything behind it.
    const bool is_hidden = cursor.input.substr(0, line_end).find('\0') != std::string_view::npos;
    if (line_end == std::string_view::npos || is_hidden) {
        if (cursor.input.size() > limit) return protocol_error("too big inline request");
        partial_.scanned = cursor.input.size();
        return Step::kNeedMore;
    }
    partial_.scanned = 0;
    const bool has_cr = line_end > 0 && cursor.input[line_end - 1] == '\r';
    const std::string_view line = cursor.input.substr(0, line_end - (has_cr ? 1 : 0));
    if (!split_inline(line, batch.args, batch.unquoted)) {
        return protocol_error("unbalanced quotes in request");
    }
    cursor.at = line_end + 1;
    return Step::kDone;
}

RequestParser::Step RequestParser::protocol_error(std::string_view what) {
    error_.assign("ERR Protocol error: ");
    error_.append(what);
    return Step::kError;
}

}  // namespace tidemark::resp
