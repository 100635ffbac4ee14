#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "\n=== ASSERTION FAILED ===\n==> %s:%d '%s' is not true\n", file, line,
                 condition);
    std::fflush(stderr);
    std::abort();
}

}  // namespace tidemark
