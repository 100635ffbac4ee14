// Which keys the most bytes were written for, in bounded memory.
//
// At most kKeysMax keys are counted. Where there are more, those with the fewest bytes are dropped,
// half of all at a time; what a key reports afterwards is short by at most `uncertain()`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tidemark::aof_check {

struct KeyBytes {
    std::string key;  // its first bytes, where it is long
    uint64_t bytes = 0;
    uint64_t records = 0;
};

class KeyTraffic {
public:
    static constexpr size_t kKeysMax = 64 * 1024;
    static constexpr size_t kKeyBytesMax = 256;

    void add(std::string_view key, uint64_t bytes);
    // The first `count`, most bytes first.
    std::vector<KeyBytes> top(size_t count) const;
    // Bytes that any of them may be short of.
    uint64_t uncertain() const { return uncertain_; }
    bool is_exact() const { return uncertain_ == 0; }
    size_t size() const { return counts_.size(); }

private:
    struct Count {
        uint64_t bytes = 0;
        uint64_t records = 0;
    };
    void drop_half();

    std::unordered_map<std::string, Count> counts_;
    std::string scratch_;
    uint64_t uncertain_ = 0;
};

}  // namespace tidemark::aof_check
