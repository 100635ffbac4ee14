#include "bench/request_writer.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>

namespace tidemark::bench {

namespace {

constexpr std::string_view kKey = "key:000000000000";
constexpr size_t kKeyPrefix = 4;
constexpr size_t kKeyDigits = kKeyBytes - kKeyPrefix;
static_assert(kKey.size() == kKeyBytes);

std::string encode(std::initializer_list<std::string_view> words) {
    std::string bytes = fmt::format("*{}\r\n", words.size());
    for (const std::string_view word : words) {
        bytes += fmt::format("${}\r\n{}\r\n", word.size(), word);
    }
    return bytes;
}

std::string encode_request(Verb verb, uint32_t value_bytes, uint32_t expire_s) {
    switch (verb) {
        case Verb::kGet:
            return encode({"GET", kKey});
        case Verb::kIncr:
            return encode({"INCR", kKey});
        case Verb::kPing:
            return encode({"PING"});
        case Verb::kSet:
            break;
    }
    const std::string value(value_bytes, 'x');
    if (expire_s == 0) return encode({"SET", kKey, value});
    return encode({"SET", kKey, value, "EX", fmt::to_string(expire_s)});
}

}  // namespace

void write_key_digits(char* to, uint64_t key) {
    for (size_t i = kKeyDigits; i-- > 0; key /= 10) to[i] = static_cast<char>('0' + key % 10);
}

RequestWriter::RequestWriter(Verb verb, uint32_t value_bytes, uint32_t expire_s)
    : bytes_(encode_request(verb, value_bytes, expire_s)) {
    const size_t at = bytes_.find(kKey);
    if (at != std::string::npos) digits_at_ = at + kKeyPrefix;
}

void RequestWriter::append(std::vector<char>& to, uint64_t key) const {
    const size_t start = to.size();
    to.insert(to.end(), bytes_.begin(), bytes_.end());
    if (digits_at_ != 0) write_key_digits(to.data() + start + digits_at_, key);
}

}  // namespace tidemark::bench
