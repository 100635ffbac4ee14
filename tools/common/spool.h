// A file without a name: written front to back, read anywhere, gone with the process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/byte_sink.h"

namespace tidemark::tools {

// Where such files go: $TMPDIR, else /var/tmp (/tmp may be memory).
std::string default_spool_folder();

class Spool final : public rdb::ByteSink {
public:
    static Result<Spool> create(const std::string& folder);
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&&) = delete;
    ~Spool() override;

    Status write(std::string_view bytes) override;
    uint64_t size() const { return size_; }
    // Bytes read; fewer than `length` only at the end.
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) const;

private:
    explicit Spool(int fd) : fd_(fd) {}

    int fd_;
    uint64_t size_ = 0;
};

// pread until `length` or the end. `name` is for the error.
Result<size_t> read_whole(int fd, char* to, size_t length, uint64_t offset, std::string_view name);

}  // namespace tidemark::tools
