// RESP commands on their way out: a header that says how many arguments come, then the arguments.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "rdb/codec/value_sink.h"
#include "tools/rdb_check/out_buffer.h"

namespace tidemark::rdb_check {

class RespCommands {
public:
    explicit RespCommands(OutBuffer& out) : out_(out) {}

    void begin(uint64_t arguments) { header('*', arguments); }
    void text(std::string_view argument) {
        begin_long(argument.size());
        end_long(argument);
    }
    void number(int64_t argument) { text(fmt::format_int(argument).c_str()); }
    void id(rdb::StreamId id) { text(fmt::format("{}-{}", id.ms, id.seq)); }
    void whole(std::initializer_list<std::string_view> arguments) {
        begin(arguments.size());
        for (const std::string_view argument : arguments) text(argument);
    }

    // An argument in parts: its length, bytes, the last bytes.
    void begin_long(uint64_t bytes) { header('$', bytes); }
    void part(std::string_view bytes) { out_.append(bytes); }
    void end_long(std::string_view rest) {
        out_.append(rest);
        out_.append("\r\n");
    }

    const Status& status() const { return out_.status(); }

private:
    void header(char kind, uint64_t number) {
        out_.append(kind);
        const fmt::format_int digits(number);
        out_.append({digits.data(), digits.size()});
        out_.append("\r\n");
    }

    OutBuffer& out_;
};

}  // namespace tidemark::rdb_check
