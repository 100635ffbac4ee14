#include "resp/reply.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/number.h"

namespace tidemark::resp {

namespace {

// Type byte, digits with sign, CRLF.
constexpr size_t kMaxHeaderBytes = 1 + kMaxInt64Chars + 2;

char* put_crlf(char* to) {
    to[0] = '\r';
    to[1] = '\n';
    return to + 2;
}

// Lengths and small numbers are nearly always below 1,000.
char* put_number(char* to, int64_t value) {
    if (value >= 0 && value < 10) {
        *to = static_cast<char>('0' + value);
        return to + 1;
    }
    if (value >= 10 && value < 100) {
        to[0] = static_cast<char>('0' + value / 10);
        to[1] = static_cast<char>('0' + value % 10);
        return to + 2;
    }
    return to + write_int64(to, value);
}

char* put_bytes(char* to, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

void append_line(Buffer& out, char type, std::string_view text) {
    char* const start = out.reserve(text.size() + 3);
    *start = type;
    put_crlf(put_bytes(start + 1, text));
    out.commit(text.size() + 3);
}

}  // namespace

void Reply::header(char type, uint64_t length) {
    char* const start = out_->reserve(kMaxHeaderBytes);
    *start = type;
    char* const end = put_crlf(put_number(start + 1, static_cast<int64_t>(length)));
    out_->commit(static_cast<size_t>(end - start));
}

void Reply::ok() {
    constexpr std::string_view kOk = "+OK\r\n";
    std::memcpy(out_->reserve(kOk.size()), kOk.data(), kOk.size());
    out_->commit(kOk.size());
}

void Reply::simple(std::string_view text) {
    append_line(*out_, '+', text);
}

void Reply::error(std::string_view text) {
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
    char* const start = out_->reserve(text.size() + 3);
    *start = '-';
    char* to = start + 1;
    for (const char c : text) *to++ = c == '\r' || c == '\n' ? ' ' : c;
    put_crlf(to);
    out_->commit(text.size() + 3);

    ++error_count_;
    const std::string_view code = text.substr(0, std::min(text.find(' '), sizeof last_error_code_));
    last_error_code_length_ = static_cast<uint8_t>(code.size());
    put_bytes(last_error_code_, code);
}

void Reply::integer(int64_t value) {
    char* const start = out_->reserve(kMaxHeaderBytes);
    *start = ':';
    char* const end = put_crlf(put_number(start + 1, value));
    out_->commit(static_cast<size_t>(end - start));
}

void Reply::bulk(std::string_view bytes) {
    char* const start = out_->reserve(kMaxHeaderBytes + bytes.size() + 2);
    *start = '$';
    char* end = put_crlf(put_number(start + 1, static_cast<int64_t>(bytes.size())));
    end = put_crlf(put_bytes(end, bytes));
    out_->commit(static_cast<size_t>(end - start));
}

void Reply::bulk_int(int64_t value) {
    char digits[kMaxInt64Chars];
    bulk({digits, write_int64(digits, value)});
}

void Reply::null() {
    out_->append(protocol_ == Protocol::kResp3 ? std::string_view("_\r\n") : "$-1\r\n");
}

void Reply::null_array() {
    out_->append(protocol_ == Protocol::kResp3 ? std::string_view("_\r\n") : "*-1\r\n");
}

void Reply::array(size_t length) {
    header('*', length);
}

void Reply::map(size_t pairs) {
    if (protocol_ == Protocol::kResp3) {
        header('%', pairs);
    } else {
        header('*', pairs * 2);
    }
}

void Reply::set(size_t length) {
    header(protocol_ == Protocol::kResp3 ? '~' : '*', length);
}

void Reply::push(size_t length) {
    header(protocol_ == Protocol::kResp3 ? '>' : '*', length);
}

void Reply::attribute(size_t pairs) {
    header('|', pairs);
}

void Reply::real(double value) {
    const std::string text = format_double(value);
    if (protocol_ == Protocol::kResp3) {
        append_line(*out_, ',', text);
    } else {
        bulk(text);
    }
}

void Reply::boolean(bool value) {
    if (protocol_ == Protocol::kResp3) {
        out_->append(value ? std::string_view("#t\r\n") : "#f\r\n");
    } else {
        out_->append(value ? std::string_view(":1\r\n") : ":0\r\n");
    }
}

void Reply::big_number(std::string_view digits) {
    if (protocol_ == Protocol::kResp3) {
        append_line(*out_, '(', digits);
    } else {
        bulk(digits);
    }
}

void Reply::verbatim(std::string_view bytes, std::string_view format) {
    if (protocol_ == Protocol::kResp2) {
        bulk(bytes);
        return;
    }
    header('=', bytes.size() + format.size() + 1);
    out_->append(format);
    out_->append(':');
    out_->append(bytes);
    out_->append("\r\n");
}

}  // namespace tidemark::resp
