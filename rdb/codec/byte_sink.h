// Where encoded bytes go: a file, a buffer, a socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace tidemark::rdb {

class ByteSink {
public:
    virtual ~ByteSink() = default;
    // All of it, or an error that is final.
    virtual Status write(std::string_view bytes) = 0;
};

// Takes records one after the other and may put bytes of its own between two of them: the frame of
// a dump does (DumpWriter), a DUMP payload has none.
class RecordSink : public ByteSink {
public:
    // The keys from here on belong to this db. Between records only.
    virtual Status select(uint64_t db) = 0;
    // What was written since the last call is a whole record, or several: with so many keys.
    virtual Status end_record(uint64_t keys) = 0;
};

class StringSink final : public ByteSink {
public:
    Status write(std::string_view bytes) override {
        bytes_.append(bytes);
        return {};
    }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

}  // namespace tidemark::rdb
