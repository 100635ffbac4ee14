// Chance, passed in by constructor: the same seed gives the same numbers on every machine.
// xoshiro256** seeded through splitmix64 (Blackman and Vigna, public domain description).
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tidemark {

class Random {
public:
    explicit Random(uint64_t seed);

    uint64_t next();
    // Uniform in [0, bound); bound must not be 0.
    uint64_t below(uint64_t bound);
    // True once in `n` calls on average.
    bool one_in(uint64_t n) { return below(n) == 0; }
    void fill(std::span<unsigned char> bytes);

private:
    std::array<uint64_t, 4> state_;
};

// A seed from the kernel (getrandom).
uint64_t random_seed_from_kernel();

}  // namespace tidemark
