// The frame of a dump around records that are already encoded: head, SELECTDB, seals, index, EOF,
// checksum. Knows nothing of what a record says; Encoder makes them, or they are copied.
//
//   DumpWriter dump(out, {});
//   TM_CHECK(dump.begin());
//   TM_CHECK(dump.copy_record(db, bytes));     // or: Encoder encoder(dump, ...), fed by a Reader
//   TM_CHECK(dump.finish());
//
// One pass, bounded memory: 64 KiB of bytes that wait, and 48 bytes for each segment.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/result.h"
#include "rdb/codec/byte_sink.h"
#include "rdb/codec/format.h"
#include "rdb/codec/seal.h"

namespace tidemark::rdb {

enum class Sealing : uint8_t { kOff, kOn };

// A seal is written at the first end of a record from this size on.
inline constexpr uint64_t kSegmentBytes = 512 * 1024;
inline constexpr int kDefaultVersion = 11;  // what Redis 7.2, all of Valkey and most tools read
inline constexpr int kFirstVersionWritten = 6;
inline constexpr int kFirstVersionWithAux = 7;

// Which versions are written: 6 to 13, and 80 of Valkey.
inline bool can_write(Dialect dialect, int version) {
    if (dialect == Dialect::kValkey) return version == kValkeyVersion;
    return version >= kFirstVersionWritten && version <= kRedisVersionMax;
}

struct DumpOptions {
    Dialect dialect = Dialect::kRedis;
    int version = kDefaultVersion;   // see can_write
    Sealing sealing = Sealing::kOn;  // version 6 has no place for seals, and gets none
    uint64_t segment_bytes = kSegmentBytes;
};

class DumpWriter final : public RecordSink {
public:
    DumpWriter(ByteSink& out, DumpOptions options);

    Status begin();
    // Index, footer, EOF, checksum. Nothing can be written afterwards.
    Status finish();

    // Whole records as they are: attributes, type, name, value; or a field or library that belongs
    // to no key (`keys` 0).
    Status copy_record(uint64_t db, std::string_view record, uint64_t keys = 1);

    Status select(uint64_t db) override;
    Status write(std::string_view bytes) override;
    Status end_record(uint64_t keys) override;

    const DumpOptions& options() const { return options_; }
    uint64_t bytes() const { return flushed_ + waiting_.size(); }  // written so far
    uint64_t keys() const { return keys_ + segment_.keys; }
    const std::vector<Segment>& segments() const { return segments_; }

private:
    Status flush();
    Status seal();
    Status write_index();
    void start_segment();

    ByteSink& out_;
    DumpOptions options_;
    Buffer waiting_;         // not yet in flushed_, not yet summed
    uint64_t flushed_ = 0;   // bytes that are with out_
    uint64_t crc_ = 0;       // of them from segment_.begin on
    uint64_t file_crc_ = 0;  // of what lies before segment_.begin
    Segment segment_;        // the one that grows
    uint64_t keys_ = 0;      // of the segments before
    std::vector<Segment> segments_;
    uint64_t db_ = 0;
    bool is_selected_ = false;  // a SELECTDB was written; Redis always writes one
};

}  // namespace tidemark::rdb
