// Every error text that a client can see from a command, byte for byte as Redis sends it, in one
// place. Texts with a name inside are functions in errors.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::cmd::errors {

// --- any command
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kMustBePositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kInvalidDbIndex = "ERR invalid DB index";
inline constexpr std::string_view kDbOutOfRange = "ERR DB index is out of range";

// --- before a command runs
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kLoading = "LOADING Redis is loading the dataset in memory";
inline constexpr std::string_view kOutOfMemory =
    "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kExecAbort =
    "EXECABORT Transaction discarded because of previous errors.";
std::string wrong_arity(std::string_view full_name);  // "get" or "client|list", lower case
std::string unknown_command(std::string_view name, std::string_view args_text);
// The `args_text` of unknown_command: the first arguments, each in quotes, cut where Redis cuts.
std::string quoted_arguments(std::span<const std::string_view> args);
std::string unknown_subcommand(std::string_view sub, std::string_view container);
// DEBUG, whose subcommands are not rows of the table.
std::string unknown_or_wrong_subcommand(std::string_view sub, std::string_view container);

// --- connection
inline constexpr std::string_view kProtocolNotInteger =
    "ERR Protocol version is not an integer or out of range";
inline constexpr std::string_view kNoProtocol = "NOPROTO unsupported protocol version";
inline constexpr std::string_view kHelloNeedsAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
    "<proto> "
    "AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol "
    "version at the same time";
inline constexpr std::string_view kWrongPassword =
    "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kNoPasswordSet =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure "
    "your configuration is correct?";
inline constexpr std::string_view kBadClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
std::string not_in_range(int64_t low, int64_t high);  // of an int argument such as SELECT's
std::string hello_option(std::string_view option);

}  // namespace tidemark::cmd::errors
