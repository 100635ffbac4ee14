#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace tidemark {

namespace {

ErrorCode code_of(int sys_errno) {
    switch (sys_errno) {
        case ENOSPC:
        case EDQUOT:
            return ErrorCode::kNoSpace;
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::kNotFound;
        case EEXIST:
        case EWOULDBLOCK:
            return ErrorCode::kExists;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::kPermission;
        default:
            return ErrorCode::kIo;
    }
}

}  // namespace

Error system_error(int sys_errno, std::string_view what) {
    std::string text(what);
    text += ": ";
    text += std::generic_category().message(sys_errno);
    return Error{code_of(sys_errno), sys_errno, kNoOffset, std::move(text)};
}

}  // namespace tidemark
