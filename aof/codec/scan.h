// Reads a log file item by item: records, annotations, seals, fill, and the first problem.
//
// Believes nothing: every CRLF is looked at, every length is held against what the file still has
// before memory is reserved for it, a seal's checksum is verified before anything that it covers is
// handed out.
//
//   Scanner scanner(source, 0);
//   for (Item item = scanner.next(); item.kind != ItemKind::kEnd; item = scanner.next()) {
//       ...
//       scanner.release();
//   }
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aof/codec/annotation.h"
#include "base/result.h"

namespace tidemark::aof {

class ByteSource {
public:
    virtual ~ByteSource() = default;
    virtual uint64_t size() const = 0;
    // Bytes read; fewer than `length` only at the end.
    virtual Result<size_t> read_at(char* to, size_t length, uint64_t offset) = 0;
};

// Bytes that are in memory already, for tests and small files.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;

private:
    std::string_view bytes_;
};

enum class ItemKind : uint8_t {
    kRecord,      // args_of(item)
    kTimestamp,   // item.timestamp
    kSeal,        // item.seal; its checksum holds, its bytes come next
    kAnnotation,  // any other `#` line
    kFill,        // lines of nothing but `#`, as many as there are in a row
    kPause,       // release() first: the views handed out stand in the way
    kProblem,     // item.problem at item.offset; nothing can be read behind it
    kEnd,
};

enum class Problem : uint8_t {
    kNone,
    kTruncated,  // the file ends inside an item that is fine as far as it goes
    kMalformed,  // neither a record nor an annotation
    kBadSeal,    // a seal that does not fit its place, its bytes or the file's size
    kIo,         // Scanner::io_error()
};

struct Item {
    ItemKind kind = ItemKind::kEnd;
    Problem problem = Problem::kNone;
    bool sealed = false;  // covered by a seal whose checksum holds
    uint32_t first_arg = 0;
    uint32_t arg_count = 0;
    uint64_t args_total = 0;  // of a record; more than arg_count when it is partial
    bool partial = false;     // its arguments are cut: see Hold::kBounded
    uint64_t offset = 0;
    uint64_t length = 0;
    int64_t timestamp = 0;
    Seal seal;
    const char* what = "";  // of a problem
};

// How much of a record a reader wants.
enum class Hold : uint8_t {
    kWhole,  // all of it, however long
    // Memory stays bounded: of a record longer than kHoldBytes come the first kKeptArgs arguments,
    // each cut to kKeptArgBytes. Its framing is checked all the same, and so is its seal.
    kBounded,
};
inline constexpr uint64_t kHoldBytes = 4 * 1024 * 1024;
inline constexpr size_t kKeptArgs = 64;
inline constexpr size_t kKeptArgBytes = 1024;

// A count that no writer produces; beyond it a record is malformed, not cut short.
inline constexpr uint64_t kMaxRecordArgs = 16 * 1024 * 1024;
// proto-max-bulk-len can be raised, but not to where one argument no longer fits in memory.
inline constexpr uint64_t kMaxBulkBytes = 4ULL * 1024 * 1024 * 1024;

class Scanner {
public:
    // Reads [start, end) of the source; a seal's offset field counts from the file's beginning.
    Scanner(ByteSource& source, uint64_t start, uint64_t end = std::numeric_limits<uint64_t>::max(),
            Hold hold = Hold::kWhole);
    ~Scanner();
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;

    Item next();
    // Arguments of a record; the span lives until next(), the bytes until release().
    std::span<const std::string_view> args_of(const Item& item) const {
        return {args_.data() + item.first_arg, item.arg_count};
    }
    // Forgets all views handed out. Without it next() answers kPause when it needs their room.
    void release();

    // File offset of the next item.
    uint64_t offset() const { return buffer_offset_ + begin_; }
    // Where the sealed piece in force ends; 0 when there was none.
    uint64_t sealed_until() const { return sealed_until_; }
    const Error& io_error() const { return io_error_; }

private:
    enum class Parse { kOk, kNeedMore, kMalformed };

    Parse parse_record(std::string_view bytes, Item& item);
    Item annotation();
    Item fill();
    Item seal(std::string_view line);
    Item take_record();
    Item take_long_record(Item item);
    bool verify_seal(std::string_view line, const Seal& seal);
    Item problem(Problem problem, const char* what);
    // Makes `bytes` from offset() on available, or what the file has. False: see failed_.
    bool load(uint64_t bytes);
    std::string_view buffered() const { return {data_.get() + begin_, end_ - begin_}; }
    // What may be read without leaving the sealed piece.
    std::string_view readable() const;
    uint64_t remaining() const { return limit_ - offset(); }

    ByteSource& source_;
    uint64_t limit_;  // file offset where reading ends
    std::unique_ptr<char[]> data_;
    size_t capacity_ = 0;
    size_t begin_ = 0;            // next unread byte in data_
    size_t held_ = 0;             // first byte that a view handed out may need
    size_t end_ = 0;              // behind the last byte read
    uint64_t buffer_offset_ = 0;  // file offset of data_[0]
    uint64_t sealed_until_ = 0;   // file offset; records before it are covered by a seal
    uint64_t bytes_wanted_ = 0;   // by the record that parse_record found incomplete
    Hold hold_;
    std::vector<std::string_view> args_;
    std::vector<std::unique_ptr<std::string>> kept_;  // what partial arguments point to
    Item failed_;                                     // why load() said no
    Error io_error_;
};

}  // namespace tidemark::aof
