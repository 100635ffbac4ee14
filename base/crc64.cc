#include "base/crc64.h"

#include <isa-l/crc64.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tidemark {

namespace {

// A checksum is a polynomial over GF(2) modulo the CRC's own. Reflected: the highest bit is x^0.
constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5U;
constexpr uint64_t kOne = uint64_t{1} << 63;
constexpr uint64_t kByte = kOne >> 8;  // x^8: what one more byte multiplies a checksum by

uint64_t multiply(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    for (uint64_t bit = kOne; a != 0; bit >>= 1) {
        if ((a & bit) != 0) product ^= b;
        a &= ~bit;
        b = (b & 1) != 0 ? (b >> 1) ^ kPolynomial : b >> 1;
    }
    return product;
}

// ISA-L 2.30's AVX-512 variant returns with the upper halves of the vector registers in use. As
// long as they are, each change between SSE and AVX instructions (ours and a memcpy's) takes an
// Intel processor some 70 ns: names of 16 bytes and more cost rdb-check twice that.
#if defined(__x86_64__)
__attribute__((target("avx"))) void zero_upper_halves() {
    _mm256_zeroupper();
}

void clear_upper_halves() {
    static const bool are_there = __builtin_cpu_supports("avx") != 0;
    if (are_there) zero_upper_halves();
}
#else
void clear_upper_halves() {}
#endif

}  // namespace

uint64_t crc64(std::string_view bytes, uint64_t crc) {
    // ISA-L inverts the value on the way in and out; Redis does not, so both inversions are undone.
    crc =
        ~crc64_jones_refl(~crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    clear_upper_halves();
    return crc;
}

uint64_t crc64_combine(uint64_t crc_a, uint64_t crc_b, uint64_t length_b) {
    uint64_t power = kByte;  // x^(8 * 2^i)
    for (; length_b != 0; length_b >>= 1) {
        if ((length_b & 1) != 0) crc_a = multiply(power, crc_a);
        power = multiply(power, power);
    }
    return crc_a ^ crc_b;
}

}  // namespace tidemark
