#include <fmt/format.h>

#include "cmd/errors.h"

namespace tidemark::cmd::errors {

std::string invalid_expire_time(std::string_view command) {
    return fmt::format("ERR invalid expire time in '{}' command", command);
}

std::string unsupported_option(std::string_view option) {
    // Redis prints a C string: what follows a NUL is not shown.
    return fmt::format("ERR Unsupported option {}", option.substr(0, option.find('\0')));
}

}  // namespace tidemark::cmd::errors
