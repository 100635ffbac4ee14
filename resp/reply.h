// Builds RESP replies at the end of a Buffer, in the dialect of the connection: RESP2 or RESP3.
// Types that RESP2 lacks (map, set, double, boolean, null, verbatim, push) are written as Redis
// writes them for RESP2 clients, so a handler says once what it means.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace tidemark::resp {

enum class Protocol : uint8_t { kResp2 = 2, kResp3 = 3 };

class Reply {
public:
    Reply(Buffer& out, Protocol protocol) : out_(&out), protocol_(protocol) {}

    Protocol protocol() const { return protocol_; }
    void set_protocol(Protocol protocol) { protocol_ = protocol; }
    Buffer& buffer() { return *out_; }

    void ok();                           // +OK
    void simple(std::string_view text);  // +text
    // -text. CR and LF inside become spaces. `text` starts with its code: "ERR syntax error".
    void error(std::string_view text);
    void integer(int64_t value);        // :value
    void bulk(std::string_view bytes);  // $len
    void bulk_int(int64_t value);       // an integer as a bulk string
    void null();                        // $-1 or _
    void null_array();                  // *-1 or _
    void array(size_t length);          // header only; the caller writes the elements
    void map(size_t pairs);             // RESP2: array of 2 * pairs
    void set(size_t length);
    void push(size_t length);
    void attribute(size_t pairs);  // RESP3 only
    void real(double value);       // RESP2: bulk
    void boolean(bool value);      // RESP2: :1 or :0
    void big_number(std::string_view digits);
    void verbatim(std::string_view bytes, std::string_view format);  // format: three letters

    // Errors written since construction, for errorstats and for commandstats' failed_calls.
    uint32_t error_count() const { return error_count_; }
    // The code of the newest error ("ERR", "WRONGTYPE"), valid until the buffer changes hands.
    std::string_view last_error_code() const { return {last_error_code_, last_error_code_length_}; }

private:
    void header(char type, uint64_t length);

    Buffer* out_;
    Protocol protocol_;
    uint8_t last_error_code_length_ = 0;
    char last_error_code_[32] = {};
    uint32_t error_count_ = 0;
};

}  // namespace tidemark::resp
