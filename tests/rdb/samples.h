// Values of every kind and of sizes on both sides of each limit, as calls on a sink.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

// The head of a key with this name, whose type in the file is that.
KeyRecord key_named(std::string_view name, uint8_t type = 0);

struct Sample {
    std::string name;
    uint8_t type = 0;  // said to be that in the file: decides on field expiry only
    std::function<Status(ValueSink&)> feed;
};

std::vector<Sample> samples();
// Hashes with fields that expire, which version 12 and Valkey have.
std::vector<Sample> expiring_samples();

// Each sample as a key of db 0, 2 and 5 in turn; some with expiry, idle time or frequency.
Status feed(const std::vector<Sample>& some, ValueSink& sink);

}  // namespace tidemark::rdb
