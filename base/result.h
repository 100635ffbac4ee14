// Result<T>: a value, or an Error that says what went wrong in the world outside (I/O, a bad file,
// a limit). Mistakes of this program are TM_ASSERT; mistakes of a client are error replies.
//
// The place is in the error: whoever creates it names the file and the byte offset where it has
// them; whoever handles it logs it, once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace tidemark {

enum class ErrorCode : uint8_t {
    kIo,           // the kernel said no; sys_errno has its number
    kNoSpace,      // ENOSPC or EDQUOT: can pass once there is room
    kNotFound,     // no such file or folder
    kExists,       // already there, or held by somebody else
    kPermission,   // EACCES, EPERM
    kTruncated,    // the input ends early; what is there is well formed
    kCorrupt,      // the input is wrong inside
    kLimit,        // a named limit was exceeded
    kInvalid,      // an option or argument that cannot be used
    kUnsupported,  // understood, but not something this build or machine can do
};

inline constexpr uint64_t kNoOffset = UINT64_MAX;

struct Error {
    ErrorCode code = ErrorCode::kIo;
    int sys_errno = 0;            // 0 where no system call was involved
    uint64_t offset = kNoOffset;  // byte offset in the file that `what` names
    std::string what;             // a sentence for a person, without a final full stop
};

// [[nodiscard]] where tl::expected is not.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

// Error from an errno: picks the code, appends strerror to `what`.
Error system_error(int sys_errno, std::string_view what);

inline tl::unexpected<Error> fail(ErrorCode code, std::string what, uint64_t offset = kNoOffset) {
    return tl::unexpected<Error>(Error{code, 0, offset, std::move(what)});
}
inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace tidemark

// The value of a Result, or return its error from this function.
#define TM_TRY(expr)                                                                     \
    __extension__({                                                                      \
        auto tm_try_result_ = (expr);                                                    \
        if (!tm_try_result_) return ::tidemark::fail(std::move(tm_try_result_).error()); \
        *std::move(tm_try_result_);                                                      \
    })

// The same for a Status.
#define TM_CHECK(expr)                                                                   \
    do {                                                                                 \
        auto tm_try_status_ = (expr);                                                    \
        if (!tm_try_status_) return ::tidemark::fail(std::move(tm_try_status_).error()); \
    } while (false)
