// Any bytes as a manifest. Built by tests/fuzz/build.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "aof/codec/manifest.h"

// What is accepted is written so that it is accepted again, and written the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace tidemark::aof;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto manifest = parse_manifest(text);
    if (!manifest) return 0;
    const std::string written = format_manifest(*manifest);
    const auto again = parse_manifest(written);
    if (!again || format_manifest(*again) != written) std::abort();
    return 0;
}
