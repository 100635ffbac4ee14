#include "resp/second_argument.h"

namespace tidemark::resp {

namespace {

// Reads `<type><digits>CRLF` at the front and takes it away; at most three digits, as nothing that
// is worth a guess is longer. -1: something else.
int take_length(std::string_view& bytes, char type) {
    if (bytes.size() < 4 || bytes[0] != type) return -1;
    int value = 0;
    size_t at = 1;
    for (; at < 4 && bytes[at] >= '0' && bytes[at] <= '9'; ++at)
        value = value * 10 + bytes[at] - '0';
    if (at == 1 || at + 2 > bytes.size() || bytes[at] != '\r') return -1;
    bytes.remove_prefix(at + 2);
    return value;
}

}  // namespace

std::string_view second_argument(std::string_view bytes) {
    if (take_length(bytes, '*') < 2) return {};
    const int name = take_length(bytes, '$');
    if (name < 0 || bytes.size() < static_cast<size_t>(name) + 2) return {};
    bytes.remove_prefix(static_cast<size_t>(name) + 2);
    const int argument = take_length(bytes, '$');
    if (argument < 0 || bytes.size() < static_cast<size_t>(argument)) return {};
    return bytes.substr(0, static_cast<size_t>(argument));
}

}  // namespace tidemark::resp
