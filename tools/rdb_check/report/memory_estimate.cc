#include "tools/rdb_check/report/memory_estimate.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "base/number.h"

namespace tidemark::rdb_check {

namespace {

// --- Redis. Structures of its 64-bit builds, as the allocator hands them out.
constexpr uint64_t kObject = 16;
constexpr uint64_t kDictEntry = 32;
constexpr uint64_t kDict = 64;
constexpr uint64_t kPointer = 8;
// Tables double when they are full, so their slots are between one and two an entry.
constexpr uint64_t kTableShare = 11;
constexpr uint64_t kEmbstrMax = 44;
constexpr uint64_t kPackedHead = 7;  // of a listpack, with its end
constexpr uint64_t kPackedElementMax = 64;
constexpr uint64_t kHashPackedMax = 512;
constexpr uint64_t kZsetPackedMax = 128;
constexpr uint64_t kSetPackedMax = 128;
constexpr uint64_t kIntsetMax = 512;
constexpr uint64_t kListNodeMax = 8192;
constexpr uint64_t kListNode = 32;
constexpr uint64_t kList = 48;
// 24 bytes and 16 a level, of which a node has 1.33: averaged over what the allocator makes of it.
constexpr uint64_t kSkipNode = 52;
constexpr uint64_t kZset = 16 + kDict + 32 + 640;  // with the list's head of 32 levels
constexpr uint64_t kStream = 112;
constexpr uint64_t kRadix = 64;       // head and root
constexpr uint64_t kRadixEntry = 96;  // a key of 16 bytes in a radix tree, with its share of nodes
constexpr uint64_t kGroup = 48 + 2 * kRadix;
constexpr uint64_t kConsumer = 48 + kRadix;
// Measured by used_memory: 154 each in the group's tree and the consumer's, with the entry itself.
// (MEMORY USAGE says 1,100.)
constexpr uint64_t kPending = 154;

// --- Tidemark: see engine/entry.h for the entry.
constexpr uint64_t kEntryHead = 8;
constexpr uint64_t kEntryLongName = 255;
constexpr uint64_t kInlineValueMax = 1024;
constexpr uint64_t kLongTextHead = 16;
constexpr uint64_t kBucketShare = 14;  // what MEMORY USAGE takes it for
constexpr uint64_t kNodeHead = 16;     // of a chunk, with its place in the index
constexpr uint64_t kMemberHead = 8;
constexpr uint64_t kTreeShare = 32;  // score, pointer and rank, in leaves two thirds full

// Past its classes mimalloc gives whole pages.
uint64_t in_pages(uint64_t bytes) {
    constexpr uint64_t kLargestClass = 128 * 1024;
    constexpr uint64_t kPage = 4096;
    if (bytes <= kLargestClass) return allocated(bytes);
    return bytes / kPage * kPage + (bytes % kPage == 0 ? 0 : kPage);
}

// A string with its header, as Redis allocates it for keys and members.
uint64_t sds(uint64_t bytes) {
    const uint64_t head = bytes < 32 ? 1 : bytes < 256 ? 3 : bytes < 65536 ? 5 : 9;
    return allocated(head + bytes + 1);
}

uint64_t slots_of(uint64_t elements) {
    return std::bit_ceil(std::max<uint64_t>(elements, 4)) * kPointer;
}

// How far back one can read over an entry of that size.
uint64_t back_length(uint64_t bytes) {
    return bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
}

uint64_t packed_integer(int64_t value) {
    if (value >= 0 && value <= 127) return 2;
    if (value >= -4096 && value <= 4095) return 3;
    if (value >= INT16_MIN && value <= INT16_MAX) return 4;
    if (value >= -(1 << 23) && value < 1 << 23) return 5;
    if (value >= INT32_MIN && value <= INT32_MAX) return 6;
    return 10;
}

uint64_t packed_text(uint64_t bytes) {
    const uint64_t head = bytes < 64 ? 1 : bytes < 4096 ? 2 : 5;
    return head + bytes + back_length(head + bytes);
}

uint64_t width_of(int64_t value) {
    if (value >= INT16_MIN && value <= INT16_MAX) return 2;
    return value >= INT32_MIN && value <= INT32_MAX ? 4 : 8;
}

}  // namespace

uint64_t allocated(uint64_t bytes) {
    if (bytes <= 128) return std::max<uint64_t>((bytes + 15) & ~uint64_t{15}, 16);
    // Declared sizes can be anything; nothing that large was ever allocated.
    if (bytes > uint64_t{1} << 60) return bytes;
    const auto step = std::bit_floor(bytes - 1) / 4;
    return (bytes + step - 1) / step * step;
}

void MemoryEstimate::begin(ValueKind kind) {
    *this = MemoryEstimate(rules_);
    kind_ = kind;
}

void MemoryEstimate::string(std::string_view text, uint64_t bytes) {
    longest_ = bytes;
    is_integer_ = text.size() == bytes && parse_int64(text).has_value();
}

void MemoryEstimate::element(std::string_view text, uint64_t bytes) {
    const auto integer =
        text.size() == bytes && bytes <= kMaxInt64Chars ? parse_int64(text) : std::nullopt;
    const uint64_t packed = integer ? packed_integer(*integer) : packed_text(bytes);
    ++elements_;
    longest_ = std::max(longest_, bytes);
    packed_ += packed;
    redis_separate_ += sds(bytes);
    tidemark_separate_ += allocated(kMemberHead + bytes);
    if (integer) {
        ++integers_;
        integer_width_ = std::max(integer_width_, width_of(*integer));
    }
    if (kind_ != ValueKind::kList) return;
    if (node_ != 0 && node_ + packed > kListNodeMax) {
        full_nodes_ += allocated(kPackedHead + node_);
        ++nodes_;
        node_ = 0;
    }
    node_ += packed;
}

void MemoryEstimate::score(double value) {
    const bool is_integer =
        value > -1e18 && value < 1e18 && value == static_cast<double>(static_cast<int64_t>(value));
    packed_ += is_integer ? packed_integer(static_cast<int64_t>(value))
                          : packed_text(format_double(value).size());
}

void MemoryEstimate::field_expiry() {
    packed_ += 10;
    redis_separate_ += kPointer + kNodeHead;
    tidemark_separate_ += kPointer;
}

void MemoryEstimate::stream_node(uint64_t packed_bytes) {
    ++nodes_;
    full_nodes_ += allocated(packed_bytes);
}

void MemoryEstimate::stream_group(uint64_t name_bytes) {
    extra_ += kGroup + kRadixEntry + name_bytes;
}

void MemoryEstimate::stream_consumer(uint64_t name_bytes) {
    extra_ += kConsumer + kRadixEntry + sds(name_bytes) + name_bytes;
}

void MemoryEstimate::stream_pending() {
    extra_ += kPending;
}

void MemoryEstimate::opaque(uint64_t bytes) {
    extra_ += bytes;
}

std::string_view MemoryEstimate::string_encoding() const {
    if (is_integer_) return "int";
    return longest_ <= kEmbstrMax ? "embstr" : "raw";
}

bool MemoryEstimate::is_packed(uint64_t elements_max) const {
    return elements_ <= elements_max && longest_ <= kPackedElementMax;
}

uint64_t MemoryEstimate::redis_set() const {
    if (integers_ == elements_ && elements_ <= kIntsetMax) {
        return allocated(8 + integer_width_ * elements_);
    }
    if (rules_ == RedisRules::k7_2 && is_packed(kSetPackedMax)) {
        return allocated(kPackedHead + packed_);
    }
    return kDict + slots_of(elements_) + elements_ * kDictEntry + redis_separate_;
}

uint64_t MemoryEstimate::redis_value() const {
    switch (kind_) {
        case ValueKind::kString:
            if (is_integer_) return kObject;
            if (longest_ <= kEmbstrMax) return allocated(kObject + 3 + longest_ + 1);
            return kObject + sds(longest_);
        case ValueKind::kList:
            return kObject + kList + full_nodes_ + allocated(kPackedHead + node_) +
                   (nodes_ + 1) * kListNode;
        case ValueKind::kSet:
            return kObject + redis_set();
        case ValueKind::kZset:
            if (is_packed(kZsetPackedMax)) return kObject + allocated(kPackedHead + packed_);
            return kObject + kZset + slots_of(elements_) + elements_ * (kDictEntry + kSkipNode) +
                   redis_separate_;
        case ValueKind::kHash:
            if (is_packed(2 * kHashPackedMax)) return kObject + allocated(kPackedHead + packed_);
            return kObject + kDict + slots_of(elements_ / 2) + elements_ / 2 * kDictEntry +
                   redis_separate_;
        case ValueKind::kStream:
            return kObject + kStream + kRadix + full_nodes_ + nodes_ * kRadixEntry + extra_;
        case ValueKind::kModule:
            return kObject + extra_;
    }
    return kObject;
}

uint64_t MemoryEstimate::redis_bytes(uint64_t name_bytes, bool has_expiry) const {
    const uint64_t entry = kDictEntry + kTableShare;
    return entry + sds(name_bytes) + redis_value() + (has_expiry ? entry : 0);
}

// Past what an entry holds itself.
uint64_t MemoryEstimate::tidemark_value() const {
    switch (kind_) {
        case ValueKind::kString:
            return is_integer_ ? kPointer : longest_;
        case ValueKind::kList:
            return full_nodes_ + nodes_ * kNodeHead + kPackedHead + node_;
        case ValueKind::kSet:
            if (integers_ == elements_ && elements_ <= kIntsetMax)
                return 8 + integer_width_ * elements_;
            if (is_packed(kSetPackedMax)) return kPackedHead + packed_;
            return tidemark_separate_ + elements_ * kBucketShare;
        case ValueKind::kZset:
            if (is_packed(kZsetPackedMax)) return kPackedHead + packed_;
            return tidemark_separate_ + elements_ * (kBucketShare + kTreeShare);
        case ValueKind::kHash:
            if (is_packed(2 * kHashPackedMax)) return kPackedHead + packed_;
            // A field and its value are one block.
            return tidemark_separate_ + elements_ / 2 * kBucketShare;
        case ValueKind::kStream:
            return full_nodes_ + nodes_ * kTreeShare + extra_;
        case ValueKind::kModule:
            return extra_;
    }
    return 0;
}

uint64_t MemoryEstimate::tidemark_bytes(uint64_t name_bytes, bool has_expiry) const {
    const uint64_t value = tidemark_value();
    const uint64_t entry =
        kEntryHead + (has_expiry ? 8 : 0) + (name_bytes >= kEntryLongName ? 8 : 0) + name_bytes;
    if (value <= kInlineValueMax) return kBucketShare + allocated(entry + value);
    return kBucketShare + allocated(entry + kPointer) + in_pages(kLongTextHead + value);
}

}  // namespace tidemark::rdb_check
