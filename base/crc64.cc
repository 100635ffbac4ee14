#include "base/crc64.h"

#include <isa-l/crc64.h>

namespace tidemark {

uint64_t crc64(std::string_view bytes, uint64_t crc) {
    // ISA-L inverts the value on the way in and out; Redis does not, so both inversions are undone.
    return ~crc64_jones_refl(~crc, reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size());
}

}  // namespace tidemark
