#include "engine/hash_seed.h"

// Inlined into this file: the library's exported function is built for the oldest x86-64 and
// reached through a jump table.
#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#include <xxhash.h>
#pragma GCC diagnostic pop

#include "base/random.h"

namespace tidemark::engine {

// A secret of random bytes, not XXH3's public one with a 64-bit seed added: the seed only shifts
// the same constants, and collisions that hold for every seed are known.
HashSeed::HashSeed(uint64_t seed) {
    Random(seed).fill(secret_);
}

uint64_t HashSeed::hash(std::string_view name) const {
    return XXH3_64bits_withSecret(name.data(), name.size(), secret_.data(), secret_.size());
}

}  // namespace tidemark::engine
