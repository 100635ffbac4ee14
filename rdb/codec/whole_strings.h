// For sinks that want every string whole, however long: collects the parts, and hands the call on
// with all of it.
//
//   WholeStrings whole(my_sink);
//   Reader reader(input, whole);
#pragma once

#include <string>
#include <string_view>

#include "rdb/codec/forwarding_sink.h"

namespace tidemark::rdb {

class WholeStrings final : public ForwardingSink {
public:
    explicit WholeStrings(ValueSink& to) : ForwardingSink(to) {}

    Status long_string(uint64_t) override {
        parts_.clear();
        return {};
    }
    Status part(std::string_view bytes) override {
        parts_.append(bytes);
        return {};
    }

    Status string(std::string_view value) override { return whole(&ValueSink::string, value); }
    Status element(std::string_view value) override { return whole(&ValueSink::element, value); }
    Status member(std::string_view value) override { return whole(&ValueSink::member, value); }
    Status scored(std::string_view value, double score) override {
        return whole(&ValueSink::scored, value, score);
    }
    Status field(std::string_view value) override { return whole(&ValueSink::field, value); }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return whole(&ValueSink::field_value, value, expire_at_ms);
    }
    Status stream_field(std::string_view value) override {
        return whole(&ValueSink::stream_field, value);
    }
    Status stream_value(std::string_view value) override {
        return whole(&ValueSink::stream_value, value);
    }

    Status begin_key(const KeyRecord& key) override {
        parts_.clear();
        return to().begin_key(key);
    }

private:
    template <class Call, class... More>
    Status whole(Call call, std::string_view bytes, More... more) {
        if (parts_.empty()) return (to().*call)(bytes, more...);
        parts_.append(bytes);
        Status status = (to().*call)(parts_, more...);
        parts_.clear();
        if (parts_.capacity() > 4 * kWholeStringMax) parts_.shrink_to_fit();
        return status;
    }

    std::string parts_;
};

}  // namespace tidemark::rdb
