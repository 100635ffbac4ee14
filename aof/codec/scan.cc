#include "aof/codec/scan.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "aof/codec/frame.h"
#include "aof/codec/seal_search.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

// Large enough that a whole sealed piece is usually there, small enough for the cache.
constexpr size_t kReadBytes = 1024 * 1024;
// The shortest bulk: `$0\r\n\r\n`.
constexpr uint64_t kSmallestBulk = 6;
constexpr const char* kCrossesSeal = "a record crosses the end of its seal";

bool all_hashes(std::string_view line) {
    return line.find_first_not_of('#') == std::string_view::npos;
}

}  // namespace

Result<size_t> MemorySource::read_at(char* to, size_t length, uint64_t offset) {
    if (offset >= bytes_.size()) return size_t{0};
    const size_t count = std::min<size_t>(length, bytes_.size() - offset);
    std::memcpy(to, bytes_.data() + offset, count);
    return count;
}

Scanner::Scanner(ByteSource& source, uint64_t start, uint64_t end, Hold hold)
    : source_(source), limit_(std::min(source.size(), end)), buffer_offset_(start), hold_(hold) {
    limit_ = std::max(limit_, start);
}

Scanner::~Scanner() = default;

void Scanner::release() {
    args_.clear();
    kept_.clear();
    held_ = begin_;
}

Item Scanner::problem(Problem problem, const char* what) {
    Item item;
    item.kind = ItemKind::kProblem;
    item.problem = problem;
    item.sealed = offset() < sealed_until_;
    item.offset = offset();
    item.length = remaining();
    item.what = what;
    return item;
}

bool Scanner::load(uint64_t bytes) {
    bytes = std::min(bytes, remaining());
    if (end_ - begin_ >= bytes) return true;
    if (bytes > capacity_ - begin_) {
        if (held_ != begin_) {
            failed_ = Item{};
            failed_.kind = ItemKind::kPause;
            failed_.offset = offset();
            return false;
        }
        // Nothing is held: to the front, into a larger buffer where this one is too small. It
        // doubles, so that a long record costs linear time.
        std::unique_ptr<char[]> fresh;
        const size_t kept = end_ - begin_;
        const size_t wanted = std::max<size_t>(kReadBytes, bytes);
        if (wanted > capacity_) {
            const size_t grown =
                std::max(wanted, std::min<size_t>(capacity_ * 2, kept + remaining()));
            fresh.reset(new char[grown]);
            capacity_ = grown;
        }
        char* const to = fresh ? fresh.get() : data_.get();
        if (kept > 0) std::memmove(to, data_.get() + begin_, kept);
        if (fresh) data_ = std::move(fresh);
        buffer_offset_ += begin_;
        begin_ = held_ = 0;
        end_ = kept;
    }
    const uint64_t unread = limit_ - (buffer_offset_ + end_);
    const size_t room = std::min<uint64_t>(capacity_ - end_, unread);
    auto got = source_.read_at(data_.get() + end_, room, buffer_offset_ + end_);
    if (!got) {
        io_error_ = got.error();
        failed_ = problem(Problem::kIo, "cannot be read");
        return false;
    }
    end_ += *got;
    // The file has become shorter under us.
    if (*got < room) limit_ = buffer_offset_ + end_;
    return true;
}

std::string_view Scanner::readable() const {
    std::string_view bytes = buffered();
    if (offset() < sealed_until_) {
        bytes = bytes.substr(0, std::min<uint64_t>(bytes.size(), sealed_until_ - offset()));
    }
    return bytes;
}

Scanner::Parse Scanner::parse_record(std::string_view bytes, Item& item) {
    const char* p = bytes.data();
    const char* const end = p + bytes.size();
    bytes_wanted_ = bytes.size() + 1;
    uint64_t count = 0;
    switch (read_header(&p, end, '*', &count)) {
        case Header::kOk:
            break;
        case Header::kNeedMore:
            return Parse::kNeedMore;
        case Header::kMalformed:
            return Parse::kMalformed;
    }
    if (count == 0 || count > kMaxRecordArgs) return Parse::kMalformed;
    item.first_arg = static_cast<uint32_t>(args_.size());
    item.arg_count = static_cast<uint32_t>(count);
    item.args_total = count;
    if (count * kSmallestBulk > static_cast<uint64_t>(end - p)) {
        bytes_wanted_ = static_cast<uint64_t>(p - bytes.data()) + count * kSmallestBulk;
    }
    for (uint64_t i = 0; i < count; ++i) {
        uint64_t length = 0;
        const Header header = read_header(&p, end, '$', &length);
        if (header == Header::kMalformed || (header == Header::kOk && length > kMaxBulkBytes)) {
            return Parse::kMalformed;
        }
        const uint64_t left = static_cast<uint64_t>(end - p);
        if (header == Header::kNeedMore || left < length + 2) {
            if (header == Header::kOk) {
                // A wrong length is found out by the bytes behind it, where the file has them.
                const uint64_t behind = static_cast<uint64_t>(p - bytes.data()) + length + 2;
                bytes_wanted_ = std::max(bytes_wanted_, behind);
                if (left == length + 1 && p[length] != '\r') return Parse::kMalformed;
            }
            args_.resize(item.first_arg);
            return Parse::kNeedMore;
        }
        if (p[length] != '\r' || p[length + 1] != '\n') return Parse::kMalformed;
        args_.emplace_back(p, length);
        p += length + 2;
    }
    item.length = static_cast<uint64_t>(p - bytes.data());
    return Parse::kOk;
}

Item Scanner::take_record() {
    Item item;
    item.kind = ItemKind::kRecord;
    item.offset = offset();
    item.sealed = offset() < sealed_until_;
    while (true) {
        const std::string_view bytes = readable();
        const Parse parsed = parse_record(bytes, item);
        if (parsed == Parse::kOk) {
            begin_ += item.length;
            return item;
        }
        if (parsed == Parse::kMalformed) return problem(Problem::kMalformed, "not a log record");
        if (item.sealed && bytes.size() == sealed_until_ - offset())
            return problem(Problem::kMalformed, kCrossesSeal);
        if (bytes.size() == remaining())
            return problem(Problem::kTruncated, "ends inside a record");
        if (hold_ == Hold::kBounded && bytes_wanted_ > kHoldBytes) return take_long_record(item);
        if (!load(bytes_wanted_)) return failed_;
    }
}

// `line` goes on with the sealed bytes where they are in the window.
bool Scanner::verify_seal(std::string_view line, const Seal& seal) {
    if (line.size() >= kSealBytes + seal.length)
        return seal_crc(line, line.substr(kSealBytes, seal.length)) == seal.crc;
    auto holds = seal_holds(source_, line, seal);
    if (!holds) io_error_ = std::move(holds).error();
    return holds && *holds;
}

// A record that is not held: its frame is followed through a small window, and what lies between
// the ends of a long argument is not even read.
Item Scanner::take_long_record(Item item) {
    if (held_ != begin_) {
        failed_ = Item{};
        failed_.kind = ItemKind::kPause;
        failed_.offset = offset();
        return failed_;
    }
    const uint64_t end = item.sealed ? sealed_until_ : limit_;
    RecordFrame frame(source_, offset(), end);
    const auto ended = [&] {
        if (frame.error()) {
            io_error_ = *frame.error();
            return problem(Problem::kIo, "cannot be read");
        }
        if (item.sealed) return problem(Problem::kMalformed, kCrossesSeal);
        return problem(Problem::kTruncated, "ends inside a record");
    };
    uint64_t count = 0;
    Header header = frame.take_header('*', &count);
    for (uint64_t i = 0; header == Header::kOk && i < count; ++i) {
        uint64_t length = 0;
        header = frame.take_header('$', &length);
        if (header != Header::kOk) break;
        if (length > kMaxBulkBytes) return problem(Problem::kMalformed, "not a log record");
        if (i < kKeptArgs) {
            const size_t kept = std::min<uint64_t>(length, kKeptArgBytes);
            kept_.push_back(std::make_unique<std::string>(frame.peek(kept)));
            args_.emplace_back(*kept_.back());
        }
        header = frame.take_body(length);
    }
    if (header == Header::kMalformed) return problem(Problem::kMalformed, "not a log record");
    if (header == Header::kNeedMore) return ended();
    item.args_total = count;
    item.arg_count = static_cast<uint32_t>(std::min<uint64_t>(count, kKeptArgs));
    item.partial = true;
    item.length = frame.offset() - offset();
    buffer_offset_ = frame.offset();
    begin_ = held_ = end_ = 0;
    return item;
}

Item Scanner::seal(std::string_view line) {
    const auto seal = parse_seal(line);
    if (!seal || seal->offset != offset()) {
        return problem(Problem::kBadSeal, "a seal that belongs to another place");
    }
    if (offset() < sealed_until_) {
        return problem(Problem::kBadSeal, "a seal inside a sealed piece");
    }
    if (seal->length > remaining() - kSealBytes) {
        return problem(Problem::kBadSeal, "a seal over more bytes than the file has");
    }
    const bool in_window = hold_ == Hold::kWhole || seal->length <= kHoldBytes;
    if (in_window && !load(kSealBytes + seal->length)) return failed_;
    if (!verify_seal(in_window ? buffered() : line, *seal)) {
        if (io_error_.sys_errno != 0) return problem(Problem::kIo, "cannot be read");
        return problem(Problem::kBadSeal, "the seal's checksum does not match its bytes");
    }
    Item item;
    item.kind = ItemKind::kSeal;
    item.offset = offset();
    item.length = kSealBytes;
    item.seal = *seal;
    begin_ += kSealBytes;
    sealed_until_ = offset() + seal->length;
    return item;
}

Item Scanner::fill() {
    Item item;
    item.kind = ItemKind::kFill;
    item.offset = offset();
    while (remaining() > 0) {
        if (!load(kAnnotationLineMax)) return failed_.kind == ItemKind::kPause ? item : failed_;
        const std::string_view bytes = buffered();
        const size_t end = bytes.find('\n');
        const bool whole = end != std::string_view::npos;
        std::string_view line = whole ? bytes.substr(0, end) : bytes;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        // The file may end inside the window: its size was not synced yet.
        const bool cut_short = !whole && bytes.size() == remaining();
        if (line.empty() || !all_hashes(line) || (!whole && !cut_short)) break;
        const size_t taken = whole ? end + 1 : bytes.size();
        item.length += taken;
        begin_ += taken;
        // No view of fill is ever handed out, so it need not stand in the way.
        if (args_.empty()) held_ = begin_;
    }
    return item;
}

Item Scanner::annotation() {
    const uint64_t line_start = offset();
    if (!load(kAnnotationLineMax)) return failed_;
    const bool sealed = offset() < sealed_until_;
    const std::string_view bytes = readable();
    if (bytes.substr(0, kSealPrefix.size()) == kSealPrefix) {
        if (bytes.size() < kSealBytes) return problem(Problem::kTruncated, "ends inside a seal");
        return seal(bytes.substr(0, kSealBytes));
    }
    const size_t end = bytes.substr(0, kAnnotationLineMax).find('\n');
    if (end == std::string_view::npos && bytes.size() >= kAnnotationLineMax) {
        return problem(Problem::kMalformed, "an annotation longer than 1024 bytes");
    }
    std::string_view line = bytes.substr(0, end);
    const bool has_return = !line.empty() && line.back() == '\r';
    if (has_return) line.remove_suffix(1);
    if (all_hashes(line) && !sealed) {
        Item item = fill();
        if (item.kind == ItemKind::kFill && item.length == 0) return failed_;
        return item;
    }
    if (end == std::string_view::npos) return problem(Problem::kTruncated, "ends inside a line");
    if (!has_return) return problem(Problem::kMalformed, "a line without carriage return");
    Item item;
    item.offset = line_start;
    item.length = end + 1;
    item.sealed = sealed;
    const auto timestamp = parse_timestamp(line);
    item.kind = timestamp ? ItemKind::kTimestamp : ItemKind::kAnnotation;
    item.timestamp = timestamp.value_or(0);
    begin_ += end + 1;
    return item;
}

Item Scanner::next() {
    if (begin_ == end_ && !load(1)) return failed_;
    if (remaining() == 0) {
        Item end;
        end.offset = offset();
        return end;
    }
    const char first = data_[begin_];
    if (first == '*') return take_record();
    if (first == '#') return annotation();
    return problem(Problem::kMalformed, "neither a record nor an annotation");
}

}  // namespace tidemark::aof
