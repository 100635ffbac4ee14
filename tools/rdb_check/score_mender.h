// Members of sorted sets whose score is not a number get the score 0, or are left out. For readers
// that pass such scores on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/rdb_check/value_mender.h"

namespace tidemark::rdb_check {

// Which members of the value that is read have no number as their score. Rising.
class NanFinder final : public rdb::ValueSink {
public:
    Status begin_key(const rdb::KeyRecord&) override { return {}; }
    Status scored(std::string_view, double score) override {
        if (std::isnan(score)) found_.push_back(count_);
        ++count_;
        return {};
    }
    uint64_t count() const { return count_; }  // of members
    std::vector<uint64_t> take() { return std::move(found_); }

private:
    uint64_t count_ = 0;
    std::vector<uint64_t> found_;
};

class ScoreMender final : public ValueMender {
public:
    // `dropped`: indices of members, rising; all others get a number.
    ScoreMender(rdb::ValueSink& to, std::string new_name, std::vector<uint64_t> dropped)
        : ValueMender(to, std::move(new_name)), dropped_(std::move(dropped)) {}

    Status long_string(uint64_t bytes) override {
        return is_dropped() ? Status() : ValueMender::long_string(bytes);
    }
    Status part(std::string_view bytes) override {
        return is_dropped() ? Status() : ValueMender::part(bytes);
    }
    Status begin_zset(uint64_t count) override {
        return ValueMender::begin_zset(count - dropped_.size());
    }
    Status scored(std::string_view member, double score) override {
        const bool drops = is_dropped();
        ++index_;
        return drops ? Status() : ValueMender::scored(member, std::isnan(score) ? 0 : score);
    }

private:
    bool is_dropped() const { return std::binary_search(dropped_.begin(), dropped_.end(), index_); }

    std::vector<uint64_t> dropped_;
    uint64_t index_ = 0;  // of the member that comes next
};

}  // namespace tidemark::rdb_check
