// Whether this is built with a sanitizer of memory or threads, by GCC or by clang.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TM_SANITIZED 1
#endif
#endif

#ifndef TM_SANITIZED
#define TM_SANITIZED 0
#endif
