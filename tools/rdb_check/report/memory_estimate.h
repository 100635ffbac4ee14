// What a value would take in memory, in Redis 7 and in this project's server, computed from its
// elements as they pass. Nothing is kept of them.
//
// Both allocators (jemalloc, mimalloc) hand out the same classes: steps of 16 bytes up to 128, then
// four to a doubling. What Redis puts where follows its default thresholds, whatever form the file
// has, since that is what a server does when it loads:
//
//   list                        chain of packed nodes of 8 KiB
//   set                         integers: packed, up to 512; from 7.2 on packed up to 128; else
//   table hash, zset                  packed up to 512 / 128 elements of 64 bytes; else table (and
//   skip list) stream                      packed nodes under an index
//
// The estimates count the key, its entry in the table and its expiry, too. Against MEMORY USAGE of
// redis-server 7.0.15 (which leaves out the table's share and the expiry) single keys are within
// 0.6 to 1.6, sums within 0.8 to 1.25: tests/rdb_report. Streams with pending entries are not: for
// those MEMORY USAGE says seven times what they take by used_memory, which is compared instead.
//
// Tidemark's are its MEMORY USAGE for strings; its other types follow the design in
// docs/architecture.md: small ones packed in the entry, large ones in blocks with an index.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::rdb_check {

enum class ValueKind : uint8_t { kString, kList, kSet, kZset, kHash, kStream, kModule };

// Which Redis reads the file: 7.2 and later keep small sets packed.
enum class RedisRules : uint8_t { k7_0, k7_2 };

class MemoryEstimate {
public:
    explicit MemoryEstimate(RedisRules rules) : rules_(rules) {}
    void set_rules(RedisRules rules) { rules_ = rules; }

    // A new value.
    void begin(ValueKind kind);
    // Its elements: of a zset the members (with the score's text length 0 or more), of a hash
    // fields and values in turn. `bytes` is the length; `text` is empty when it came in parts.
    void string(std::string_view text, uint64_t bytes);
    void element(std::string_view text, uint64_t bytes);
    void score(double value);
    void field_expiry();
    void stream_node(uint64_t packed_bytes);
    void stream_group(uint64_t name_bytes);
    void stream_consumer(uint64_t name_bytes);
    void stream_pending();
    void opaque(uint64_t bytes);  // a module's value, as long as it is in the file

    // "int", "embstr", "raw" of a string.
    std::string_view string_encoding() const;

    // With the key, its entry and its expiry.
    uint64_t redis_bytes(uint64_t name_bytes, bool has_expiry) const;
    uint64_t tidemark_bytes(uint64_t name_bytes, bool has_expiry) const;

private:
    bool is_packed(uint64_t elements_max) const;
    uint64_t redis_value() const;
    uint64_t redis_set() const;
    uint64_t tidemark_value() const;

    RedisRules rules_;
    ValueKind kind_ = ValueKind::kString;
    uint64_t elements_ = 0;  // fields and values count as one each
    uint64_t longest_ = 0;
    uint64_t integers_ = 0;
    uint64_t integer_width_ = 2;   // of an intset that holds them
    uint64_t packed_ = 0;          // bytes of all as entries of a listpack
    uint64_t redis_separate_ = 0;  // the same as strings of their own
    uint64_t tidemark_separate_ = 0;
    uint64_t node_ = 0;        // bytes in the list's last node
    uint64_t full_nodes_ = 0;  // bytes of those before, allocated
    uint64_t nodes_ = 0;
    uint64_t extra_ = 0;       // groups, consumers, pending entries
    bool is_integer_ = false;  // the string
};

// Size of the block that a request gets.
uint64_t allocated(uint64_t bytes);

}  // namespace tidemark::rdb_check
