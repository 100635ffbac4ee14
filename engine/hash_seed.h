// The keyed hash of key names: XXH3 with a secret of its own, so that nobody outside can choose
// names that meet in one bucket.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidemark::engine {

class HashSeed {
public:
    // The same seed gives the same hashes (tests); the server takes one from the kernel.
    explicit HashSeed(uint64_t seed);

    uint64_t hash(std::string_view name) const;

private:
    // As long as XXH3's own secret: long names walk through all of it.
    alignas(64) std::array<unsigned char, 192> secret_;
};

}  // namespace tidemark::engine
