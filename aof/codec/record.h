// One log record: a command as a RESP array of bulk strings, in canonical form (no leading zeros,
// CRLF everywhere), as `*2\r\n$6\r\nselect\r\n$1\r\n0\r\n`.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/buffer.h"

namespace tidemark::aof {

// Bytes that append_record will write.
size_t record_bytes(std::span<const std::string_view> args);
// `args` holds at least the command's name.
void append_record(Buffer& out, std::span<const std::string_view> args);

// Our own SELECT, MULTI and EXEC are in lower case; Redis writes them in upper case and reads both.
// This is what tells records that a stock redis-server appended behind our window from what a torn
// write of ours left there (docs/log-format.md, "Foreign records").
void append_select(Buffer& out, int db);
inline constexpr std::string_view kMultiRecord = "*1\r\n$5\r\nmulti\r\n";
inline constexpr std::string_view kExecRecord = "*1\r\n$4\r\nexec\r\n";
// Room that append_select needs at most.
inline constexpr size_t kSelectRecordMax = 40;

}  // namespace tidemark::aof
