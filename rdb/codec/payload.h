// What DUMP answers and RESTORE takes: one value without its key.
//
//   type | value as in a file | u16 version | CRC64 of everything before it
//
// Integers little-endian. Unlike a file's, a checksum of 0 means nothing special.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/byte_sink.h"

namespace tidemark::rdb {

// For an Encoder with RecordForm::kPayload and the same version.
class PayloadSink final : public RecordSink {
public:
    Status select(uint64_t) override { return {}; }
    Status write(std::string_view bytes) override {
        bytes_.append(bytes);
        return {};
    }
    Status end_record(uint64_t) override { return {}; }

    // Of the one value that was written.
    std::string finish(int version);

private:
    std::string bytes_;
};

struct Payload {
    uint8_t type = 0;
    std::string_view value;
    int version = 0;
};

// kTruncated: shorter than any; kCorrupt: its checksum does not fit; kUnsupported: its version is
// above `version_max`. The value is not looked at.
Result<Payload> open_payload(std::string_view bytes, int version_max);

// A dump with that value under this name, for a Reader.
std::string dump_of(const Payload& payload, std::string_view name);

}  // namespace tidemark::rdb
