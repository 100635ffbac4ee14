// Text on its way out, in portions. Errors wait until they are asked for, so that what formats can
// be written without looking at every piece.
#pragma once

#include <cstdio>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "rdb/codec/byte_sink.h"

namespace tidemark::rdb_check {

class OutBuffer {
public:
    explicit OutBuffer(rdb::ByteSink& to) : to_(to) {}

    void append(std::string_view bytes) {
        if (bytes.size() >= kPortionBytes) {
            flush_now();
            write(bytes);
            return;
        }
        pending_.append(bytes);
        if (pending_.size() >= kPortionBytes) flush_now();
    }
    void append(char byte) { append(std::string_view(&byte, 1)); }

    // The first error there was.
    const Status& status() const { return status_; }
    // Nothing is held back afterwards.
    Status flush() {
        flush_now();
        return status_;
    }

private:
    static constexpr size_t kPortionBytes = 64 * 1024;

    void flush_now() {
        write(pending_.view());
        pending_.clear();
    }
    void write(std::string_view bytes) {
        if (status_ && !bytes.empty()) status_ = to_.write(bytes);
    }

    rdb::ByteSink& to_;
    Buffer pending_;
    Status status_;
};

// A stream that is open already.
class StreamSink final : public rdb::ByteSink {
public:
    explicit StreamSink(FILE* to) : to_(to) {}
    Status write(std::string_view bytes) override;
    Status flush();

private:
    FILE* to_;
};

}  // namespace tidemark::rdb_check
