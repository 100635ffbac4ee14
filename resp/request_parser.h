// RESP requests from bytes: multibulk (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) and inline (`GET k\r\n`),
// split at any byte, pipelined.
//
// The parser copies nothing: arguments are views into the caller's input and live as long as those
// bytes stay where they are. (The documented exception to "views are never members".) Only inline
// requests with quotes need storage, which the batch owns.
//
// Limits and texts are Redis's own; each error closes the connection after the reply.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::resp {

struct Limits {
    int64_t max_multibulk = INT32_MAX;             // arguments of one request
    int64_t max_bulk_bytes = 512LL * 1024 * 1024;  // proto-max-bulk-len
    int64_t max_inline_bytes = 64 * 1024;          // also of a line that announces a length
    // Before AUTH, where a password is required: no stranger makes us allocate.
    bool unauthenticated = false;
    static constexpr int64_t kUnauthenticatedMultibulk = 10;
    static constexpr int64_t kUnauthenticatedBulkBytes = 16 * 1024;
};

struct Request {
    uint32_t first_arg;  // into RequestBatch::args
    uint32_t arg_count;  // at least 1
    // The request exactly as a log record would hold it, or empty when it was inline or a CRLF of
    // it was something else (Redis looks at neither byte behind a bulk; a log's reader does).
    std::string_view canonical;
    size_t end;  // where it ended in the input of that parse()
};

// Requests parsed together so that their keys can be prefetched together. Reused turn after turn.
struct RequestBatch {
    std::vector<std::string_view> args;
    std::vector<Request> requests;
    std::deque<std::string> unquoted;  // backs arguments of quoted inline requests

    std::span<const std::string_view> args_of(const Request& request) const {
        return {args.data() + request.first_arg, request.arg_count};
    }
    void clear();
};

class RequestParser {
public:
    enum class State {
        kNeedMore,  // everything complete has been taken; the rest is a beginning
        kFull,      // `max_requests` were taken; call again
        kError,     // error() has the reply; close after sending it
    };

    // Takes complete requests from the front of `input` into `batch` (appending), at most
    // `max_requests`. `*consumed` is how many bytes they took; the caller passes the rest again,
    // extended at its end, next time. What the parser learned about an incomplete request is kept,
    // so a long one costs linear time however it is split. Empty requests are skipped as Redis
    // does.
    State parse(std::string_view input, size_t max_requests, const Limits& limits,
                RequestBatch& batch, size_t* consumed);

    // Forgets an incomplete request; the caller will pass its bytes again from the start.
    void reset() { drop_partial(); }

    // Reply line without CRLF and without the minus, such as "ERR Protocol error: invalid bulk
    // length".
    std::string_view error() const { return error_; }
    // How long the incomplete request will be at least, in bytes; 0 when that is not known. For
    // reserving the query buffer once instead of doubling it.
    size_t bytes_expected() const { return bytes_expected_; }

private:
    // An incomplete multibulk request: offsets from its first byte, valid while the input only
    // grows.
    struct Partial {
        int64_t arg_total = -1;                       // -1: header not read yet
        size_t scanned = 0;                           // everything before is parsed
        std::vector<std::pair<size_t, size_t>> args;  // offset, length
        bool canonical = true;
    };
    // Where the parser stands in one request.
    struct Cursor {
        std::string_view input;  // from the request's first byte
        size_t at = 0;
        bool canonical = true;
    };
    // What became of a step: done, more bytes are needed, or error_ is set.
    enum class Step { kDone, kNeedMore, kError };

    Step parse_multibulk(Cursor& cursor, const Limits& limits, RequestBatch& batch);
    Step resume_multibulk(Cursor& cursor, const Limits& limits, RequestBatch& batch);
    Step parse_inline(Cursor& cursor, const Limits& limits, RequestBatch& batch);
    Step read_header(Cursor& cursor, const Limits& limits, int64_t* arg_total);
    template <class Take>
    Step read_bulk(Cursor& cursor, const Limits& limits, Take&& take);
    enum class Line { kMultibulk, kBulk };
    Step read_length(Cursor& cursor, const Limits& limits, Line line, int64_t* value);
    Step read_length_slowly(Cursor& cursor, const Limits& limits, Line line, int64_t* value);
    void keep_partial(const Cursor& cursor, int64_t arg_total, size_t first_arg,
                      RequestBatch& batch);
    void drop_partial();
    Step protocol_error(std::string_view what);

    Partial partial_;
    std::string error_;
    size_t bytes_expected_ = 0;
};

}  // namespace tidemark::resp
