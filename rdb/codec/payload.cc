#include "rdb/codec/payload.h"

#include <fmt/format.h>

#include "base/crc64.h"
#include "rdb/codec/format.h"
#include "rdb/codec/pack.h"

namespace tidemark::rdb {

namespace {

constexpr size_t kVersionBytes = 2;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kPayloadTailBytes = kVersionBytes + kChecksumBytes;

uint64_t little_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
}

}  // namespace

std::string PayloadSink::finish(int version) {
    Buffer tail;
    pack_little_endian(tail, static_cast<uint64_t>(version), kVersionBytes);
    pack_little_endian(tail, crc64(tail.view(), crc64(bytes_)), kChecksumBytes);
    bytes_.append(tail.view());
    return std::move(bytes_);
}

Result<Payload> open_payload(std::string_view bytes, int version_max) {
    if (bytes.size() <= kPayloadTailBytes) {
        return fail(ErrorCode::kTruncated,
                    fmt::format("{} bytes are too few for a DUMP payload", bytes.size()));
    }
    const size_t value_end = bytes.size() - kPayloadTailBytes;
    const size_t checked = bytes.size() - kChecksumBytes;
    const auto version = static_cast<int>(little_endian(bytes.substr(value_end, kVersionBytes)));
    if (little_endian(bytes.substr(checked)) != crc64(bytes.substr(0, checked))) {
        return fail(ErrorCode::kCorrupt, "the DUMP payload's checksum does not fit", checked);
    }
    if (version > version_max) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("the DUMP payload is of version {}, and {} is the highest known",
                                version, version_max),
                    value_end);
    }
    return Payload{static_cast<uint8_t>(bytes[0]), bytes.substr(1, value_end - 1), version};
}

std::string dump_of(const Payload& payload, std::string_view name) {
    Buffer out;
    out.append(payload.version == kValkeyVersion
                   ? fmt::format("{}{:03}", kValkeyMagic, payload.version)
                   : fmt::format("{}{:04}", kRedisMagic, payload.version));
    pack_byte(out, payload.type);
    pack_raw_string(out, name);
    out.append(payload.value);
    pack_byte(out, opcode::kEof);
    pack_little_endian(out, payload.version < kFirstVersionWithChecksum ? 0 : crc64(out.view()),
                       payload.version < kFirstVersionWithChecksum ? 0 : kChecksumBytes);
    return std::string(out.view());
}

}  // namespace tidemark::rdb
