// Where encoded bytes go: a file, a buffer, a socket. The encoder keeps the running checksum.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::rdb {

class ByteSink {
public:
    virtual ~ByteSink() = default;
    // All of it, or an error that is final.
    virtual Status write(std::string_view bytes) = 0;
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
