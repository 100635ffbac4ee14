// .gz, .zst and .lz4, told by their first bytes and not by the file's name.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/byte_sink.h"

namespace tidemark::tools {

enum class Packing : uint8_t { kNone, kGzip, kZstd, kLz4 };

inline constexpr size_t kPackingMagicBytes = 4;

Packing detect_packing(std::string_view first_bytes);
std::string_view name_of(Packing packing);

// What it is packed with once more, or with what is not unpacked here ("xz"); empty: with nothing.
inline constexpr size_t kForeignMagicBytes = 5;
std::string_view packing_still_there(std::string_view first_bytes);

// The next bytes of what is packed, valid until the next call; empty at its end.
using NextBytes = std::function<Result<std::string_view>()>;

// Several members or frames behind each other are unpacked as one. kTruncated and kCorrupt speak of
// the packed bytes; what could be unpacked before has been written. kNone copies.
Status decompress(Packing packing, const NextBytes& next, rdb::ByteSink& to);

}  // namespace tidemark::tools
