#include "cmd/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tidemark::cmd::errors {

namespace {

// Redis prints what a client sent with a C format, cut at 128 bytes and at the first NUL.
constexpr size_t kMaxEcho = 128;

std::string_view echoed(std::string_view text, size_t limit = kMaxEcho) {
    text = text.substr(0, limit);
    return text.substr(0, text.find('\0'));
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

}  // namespace

std::string exec_abort_because(std::string_view error) {
    // Redis keeps every code here but its most common one.
    if (error.substr(0, 4) == "ERR ") error.remove_prefix(4);
    return fmt::format("EXECABORT Transaction discarded because of: {}", error);
}

std::string wrong_arity(std::string_view full_name) {
    return fmt::format("ERR wrong number of arguments for '{}' command", full_name);
}

std::string unknown_command(std::string_view name, std::string_view args_text) {
    return fmt::format("ERR unknown command '{}', with args beginning with: {}", echoed(name),
                       args_text);
}

std::string quoted_arguments(std::span<const std::string_view> args) {
    std::string text;
    for (std::string_view arg : args) {
        if (text.size() >= kMaxEcho) break;
        text += fmt::format("'{}' ", echoed(arg, kMaxEcho - text.size()));
    }
    return text;
}

std::string unknown_subcommand(std::string_view sub, std::string_view container) {
    return fmt::format("ERR unknown subcommand '{}'. Try {} HELP.", echoed(sub), upper(container));
}

std::string unknown_or_wrong_subcommand(std::string_view sub, std::string_view container) {
    return fmt::format("ERR unknown subcommand or wrong number of arguments for '{}'. Try {} HELP.",
                       echoed(sub), upper(container));
}

std::string not_in_range(int64_t low, int64_t high) {
    return fmt::format("ERR value is out of range, value must between {} and {}", low, high);
}

std::string hello_option(std::string_view option) {
    return fmt::format("ERR Syntax error in HELLO option '{}'", echoed(option, option.size()));
}

std::string unknown_client_type(std::string_view type) {
    return fmt::format("ERR Unknown client type '{}'", echoed(type, type.size()));
}

std::string no_such_user(std::string_view user) {
    return fmt::format("ERR No such user '{}'", echoed(user, user.size()));
}

std::string bad_client_info(std::string_view attribute) {
    return fmt::format("ERR {} cannot contain spaces, newlines or special characters.", attribute);
}

std::string unknown_client_info(std::string_view attribute) {
    return fmt::format("ERR Unrecognized option '{}'", echoed(attribute, attribute.size()));
}

}  // namespace tidemark::cmd::errors
