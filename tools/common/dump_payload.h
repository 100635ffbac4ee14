// What the command DUMP answers, as a dump of one key, so that every mode can look at it.
//
//   type | value | version, 2 bytes | crc64, 8 bytes      ->   REDISnnnn type "payload" value EOF
//   crc
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::tools {

inline constexpr std::string_view kPayloadKey = "payload";

// kCorrupt when it is too short or its checksum does not fit.
Result<std::string> dump_of_payload(std::string_view payload);
// Hexadecimal digits with any white space, or what redis-cli prints: "\x00\xc0..." in quotes.
Result<std::string> payload_of_text(std::string_view text);

}  // namespace tidemark::tools
