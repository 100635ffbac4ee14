#include "base/random.h"

#include <sys/random.h>

#include <bit>

#include "base/assert.h"

namespace tidemark {

namespace {

uint64_t split_mix(uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

}  // namespace

Random::Random(uint64_t seed) : state_{} {
    for (uint64_t& word : state_) word = split_mix(seed);
}

uint64_t Random::next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

uint64_t Random::below(uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    TM_ASSERT(bound != 0);
    // The high half of a 128-bit product; the bias is below 2^-32 for every bound used here.
    return static_cast<uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

void Random::fill(std::span<unsigned char> bytes) {
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(next() >> 56);
}

uint64_t random_seed_from_kernel() {
    uint64_t seed = 0;
    TM_ASSERT(getrandom(&seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed));
    return seed;
}

}  // namespace tidemark
