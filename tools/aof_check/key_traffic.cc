#include "tools/aof_check/key_traffic.h"

#include <algorithm>

namespace tidemark::aof_check {

void KeyTraffic::add(std::string_view key, uint64_t bytes) {
    scratch_.assign(key.substr(0, kKeyBytesMax));
    auto found = counts_.find(scratch_);
    if (found == counts_.end()) {
        if (counts_.size() >= kKeysMax) drop_half();
        found = counts_.emplace(scratch_, Count{}).first;
    }
    found->second.bytes += bytes;
    ++found->second.records;
}

void KeyTraffic::drop_half() {
    std::vector<uint64_t> bytes;
    bytes.reserve(counts_.size());
    for (const auto& [key, count] : counts_) bytes.push_back(count.bytes);
    const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2);
    std::nth_element(bytes.begin(), middle, bytes.end());
    const uint64_t limit = *middle;
    // Of equals as many go as make the half.
    size_t equals = static_cast<size_t>(std::count_if(bytes.begin(), middle,
                                                      [&](uint64_t one) { return one == limit; })) +
                    1;
    for (auto it = counts_.begin(); it != counts_.end();) {
        const bool goes =
            it->second.bytes < limit || (it->second.bytes == limit && equals > 0 && equals-- > 0);
        it = goes ? counts_.erase(it) : std::next(it);
    }
    uncertain_ += limit;
}

std::vector<KeyBytes> KeyTraffic::top(size_t count) const {
    std::vector<KeyBytes> all;
    all.reserve(counts_.size());
    for (const auto& [key, one] : counts_) all.push_back({key, one.bytes, one.records});
    std::sort(all.begin(), all.end(), [](const KeyBytes& a, const KeyBytes& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.key < b.key;
    });
    if (all.size() > count) all.resize(count);
    return all;
}

}  // namespace tidemark::aof_check
