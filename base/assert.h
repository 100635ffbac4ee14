// TM_ASSERT: a mistake of this program, on in every build. If bytes from a file or a socket can
// make the condition false, it is not an assert but an Error.
#pragma once

namespace tidemark {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace tidemark

#define TM_ASSERT(condition)                                            \
    (__builtin_expect(!(condition), 0)                                  \
         ? ::tidemark::assertion_failed(#condition, __FILE__, __LINE__) \
         : static_cast<void>(0))
