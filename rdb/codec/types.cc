#include "rdb/codec/types.h"

#include <array>
#include <span>

#include "rdb/codec/decoders.h"

namespace tidemark::rdb {

namespace {

using enum Shape;

// Versions are not enforced: Redis does not either, and files with types newer than their version
// exist.
constexpr auto kTypes = std::to_array<TypeRow>({
    {0, "string", "plain", 1, kString, decode_string},
    {1, "list", "linked list", 1, kStrings, decode_list},
    {2, "set", "plain", 1, kStrings, decode_set},
    {3, "zset", "scores as text", 1, kTextScores, decode_zset_text},
    {4, "hash", "plain", 1, kPairs, decode_hash},
    {5, "zset", "binary scores", 8, kBinaryScores, decode_zset_binary},
    {6, "module value", "before Redis 4.0 was released", 8, kUnknown, nullptr},
    {7, "module value", "with opcodes", 8, kModule, decode_module},
    {9, "hash", "zipmap", 2, kString, decode_hash_zipmap},
    {10, "list", "ziplist", 2, kString, decode_list_ziplist},
    {11, "set", "intset", 2, kString, decode_set_intset},
    {12, "zset", "ziplist", 2, kString, decode_zset_ziplist},
    {13, "hash", "ziplist", 4, kString, decode_hash_ziplist},
    {14, "list", "quicklist of ziplists", 7, kStrings, decode_quicklist_ziplists},
    {15, "stream", "listpacks", 9, kStream1, decode_stream_1},
    {16, "hash", "listpack", 10, kString, decode_hash_listpack},
    {17, "zset", "listpack", 10, kString, decode_zset_listpack},
    {18, "list", "quicklist of listpacks", 10, kContainers, decode_quicklist},
    {19, "stream", "listpacks, second form", 10, kStream2, decode_stream_2},
    {20, "set", "listpack", 11, kString, decode_set_listpack},
    {21, "stream", "listpacks, third form", 11, kStream3, decode_stream_3},
});

constexpr auto kRedisTypes = std::to_array<TypeRow>({
    {22, "hash", "with field expiry, before Redis 7.4 was released", 12, kExpiryPairs,
     decode_hash_expiry_early},
    {23, "hash", "listpack with field expiry, before Redis 7.4 was released", 12, kString,
     decode_hash_expiry_listpack_early},
    {24, "hash", "with field expiry", 12, kLeastExpiryPairs, decode_hash_expiry},
    {25, "hash", "listpack with field expiry", 12, kLeastExpiryString, decode_hash_expiry_listpack},
    {26, "stream", "listpacks, fourth form", 13, kStream4, decode_stream_4},
    {27, "stream", "listpacks, fifth form", 14, kUnknown, nullptr},
    {28, "array", "plain", 14, kUnknown, nullptr},
    {29, "hash", "from a template", 15, kUnknown, nullptr},
    {30, "hash", "from a template", 15, kUnknown, nullptr},
    {31, "hash", "from a template", 15, kUnknown, nullptr},
    {32, "hash", "from a template", 15, kUnknown, nullptr},
    {33, "gcra", "plain", 15, kUnknown, nullptr},
});

constexpr auto kValkeyTypes = std::to_array<TypeRow>({
    {22, "hash", "with field expiry", 80, kPairsExpiry, decode_hash_expiry_valkey},
});

// By the type byte, nullptr where there is none.
using Index = std::array<const TypeRow*, 256>;

constexpr Index index_of(std::span<const TypeRow> own) {
    Index index{};
    for (const TypeRow& row : kTypes) index[row.number] = &row;
    for (const TypeRow& row : own) index[row.number] = &row;
    return index;
}

constexpr Index kRedisIndex = index_of(kRedisTypes);
constexpr Index kValkeyIndex = index_of(kValkeyTypes);

}  // namespace

const TypeRow* find_type(Dialect dialect, uint8_t number) {
    return dialect == Dialect::kValkey ? kValkeyIndex[number] : kRedisIndex[number];
}

}  // namespace tidemark::rdb
