// Requests, prebuilt: the bytes of a command with a key of `key:` and twelve digits in it, of which
// only the digits change from one request to the next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load_plan.h"

namespace tidemark::bench {

inline constexpr size_t kKeyBytes = 16;

class RequestWriter {
public:
    // SET takes value_bytes and expire_s; the others ignore them.
    RequestWriter(Verb verb, uint32_t value_bytes, uint32_t expire_s);

    // Appends one request for this key number (below 10^12).
    void append(std::vector<char>& to, uint64_t key) const;
    size_t size() const { return bytes_.size(); }

private:
    std::string bytes_;
    size_t digits_at_ = 0;  // 0: the command has no key
};

// The key as text, for other writers of the same data.
void write_key_digits(char* to, uint64_t key);

}  // namespace tidemark::bench
