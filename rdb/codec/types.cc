#include "rdb/codec/types.h"

#include <algorithm>
#include <array>
#include <span>

namespace tidemark::rdb {

namespace {

Status decode_string(Primitives& in, ValueSink& sink) {
    return sink.string(TM_TRY(in.string()));
}

// Versions are not enforced: Redis does not either, and files with types newer than their version
// exist.
constexpr auto kTypes = std::to_array<TypeRow>({
    {0, "string", "plain", 1, decode_string},
    {1, "list", "linked list", 1, nullptr},
    {2, "set", "plain", 1, nullptr},
    {3, "zset", "scores as text", 1, nullptr},
    {4, "hash", "plain", 1, nullptr},
    {5, "zset", "binary scores", 8, nullptr},
    {6, "module value", "before Redis 4.0 was released", 8, nullptr},
    {7, "module value", "with opcodes", 8, nullptr},
    {9, "hash", "zipmap", 2, nullptr},
    {10, "list", "ziplist", 2, nullptr},
    {11, "set", "intset", 2, nullptr},
    {12, "zset", "ziplist", 2, nullptr},
    {13, "hash", "ziplist", 4, nullptr},
    {14, "list", "quicklist of ziplists", 7, nullptr},
    {15, "stream", "listpacks", 9, nullptr},
    {16, "hash", "listpack", 10, nullptr},
    {17, "zset", "listpack", 10, nullptr},
    {18, "list", "quicklist of listpacks", 10, nullptr},
    {19, "stream", "listpacks, second form", 10, nullptr},
    {20, "set", "listpack", 11, nullptr},
    {21, "stream", "listpacks, third form", 11, nullptr},
});

constexpr auto kRedisTypes = std::to_array<TypeRow>({
    {22, "hash", "with field expiry, before Redis 7.4 was released", 12, nullptr},
    {23, "hash", "listpack with field expiry, before Redis 7.4 was released", 12, nullptr},
    {24, "hash", "with field expiry", 12, nullptr},
    {25, "hash", "listpack with field expiry", 12, nullptr},
    {26, "stream", "listpacks, fourth form", 13, nullptr},
    {27, "stream", "listpacks, fifth form", 14, nullptr},
    {28, "array", "plain", 14, nullptr},
    {29, "hash", "from a template", 15, nullptr},
    {30, "hash", "from a template", 15, nullptr},
    {31, "hash", "from a template", 15, nullptr},
    {32, "hash", "from a template", 15, nullptr},
    {33, "gcra", "plain", 15, nullptr},
});

constexpr auto kValkeyTypes = std::to_array<TypeRow>({
    {22, "hash", "with field expiry", 80, nullptr},
});

const TypeRow* find_in(std::span<const TypeRow> rows, uint8_t number) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const TypeRow& one) { return one.number == number; });
    return row == rows.end() ? nullptr : &*row;
}

}  // namespace

const TypeRow* find_type(Dialect dialect, uint8_t number) {
    if (const TypeRow* shared = find_in(kTypes, number)) return shared;
    return dialect == Dialect::kValkey ? find_in(kValkeyTypes, number)
                                       : find_in(kRedisTypes, number);
}

}  // namespace tidemark::rdb
