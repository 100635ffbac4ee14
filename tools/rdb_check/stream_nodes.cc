#include "tools/rdb_check/stream_nodes.h"

#include <utility>

namespace tidemark::rdb_check {

namespace {

// Redis's stream-node-max-entries and -max-bytes.
constexpr size_t kNodeEntriesMax = 100;
constexpr size_t kNodeBytesMax = 4096;

constexpr int64_t kFlagMasterFields = 2;

// As in the file: a distance that may be negative, of numbers that wrap.
int64_t distance(uint64_t from, uint64_t to) {
    return static_cast<int64_t>(to - from);
}

}  // namespace

Status StreamNodes::add(rdb::StreamId id, std::vector<std::string> texts) {
    for (const std::string& text : texts) bytes_ += text.size();
    entries_.push_back({id, std::move(texts)});
    if (entries_.size() < kNodeEntriesMax && bytes_ < kNodeBytesMax) return {};
    return finish();
}

Status StreamNodes::finish() {
    if (entries_.empty()) return {};
    pack_.clear();
    append_master();
    for (const Entry& entry : entries_) append_entry(entry);
    TM_CHECK(to_.stream_node(entries_.front().id, pack_.finish()));
    ++nodes_;
    entries_.clear();
    bytes_ = 0;
    return {};
}

void StreamNodes::append_master() {
    const std::vector<std::string>& texts = entries_.front().texts;
    pack_.append_integer(static_cast<int64_t>(entries_.size()));
    pack_.append_integer(0);  // deleted
    pack_.append_integer(static_cast<int64_t>(texts.size() / 2));
    for (size_t i = 0; i < texts.size(); i += 2) pack_.append(texts[i]);
    pack_.append_integer(0);
}

bool StreamNodes::has_fields_of_master(const Entry& entry) const {
    const std::vector<std::string>& master = entries_.front().texts;
    if (entry.texts.size() != master.size()) return false;
    for (size_t i = 0; i < master.size(); i += 2)
        if (entry.texts[i] != master[i]) return false;
    return true;
}

void StreamNodes::append_entry(const Entry& entry) {
    const bool is_like_master = has_fields_of_master(entry);
    const uint64_t before = pack_.count();
    pack_.append_integer(is_like_master ? kFlagMasterFields : 0);
    pack_.append_integer(distance(entries_.front().id.ms, entry.id.ms));
    pack_.append_integer(distance(entries_.front().id.seq, entry.id.seq));
    if (!is_like_master) pack_.append_integer(static_cast<int64_t>(entry.texts.size() / 2));
    for (size_t i = is_like_master ? 1 : 0; i < entry.texts.size(); i += is_like_master ? 2 : 1)
        pack_.append(entry.texts[i]);
    pack_.append_integer(static_cast<int64_t>(pack_.count() - before));
}

}  // namespace tidemark::rdb_check
