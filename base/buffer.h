// A growing run of bytes: append at the back, consume at the front. Unlike std::string it never
// zeroes what it reserves, and it gives its memory back when asked.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace tidemark {

class Buffer {
public:
    Buffer() = default;
    ~Buffer() { release(); }
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        swap(other);
        return *this;
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    const char* data() const { return data_ + begin_; }
    size_t size() const { return end_ - begin_; }
    size_t capacity() const { return capacity_; }
    bool empty() const { return begin_ == end_; }
    std::string_view view() const { return {data(), size()}; }

    // Room for `bytes` more at the back; returns where they go. Call commit() with what was used.
    char* reserve(size_t bytes) {
        if (capacity_ - end_ < bytes) grow(bytes);
        return data_ + end_;
    }
    void commit(size_t bytes) { end_ += bytes; }

    void append(std::string_view bytes) {
        char* to = reserve(bytes.size());
        if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
        commit(bytes.size());
    }
    void append(char byte) {
        *reserve(1) = byte;
        commit(1);
    }
    void consume(size_t bytes) {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    // Drops bytes from the back, down to `size`.
    void shorten(size_t size) { end_ = begin_ + size; }
    char* mutable_data() { return data_ + begin_; }
    void clear() { begin_ = end_ = 0; }
    // Empties it and frees the memory.
    void release();
    void swap(Buffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
        std::swap(capacity_, other.capacity_);
    }

private:
    void grow(size_t bytes);

    char* data_ = nullptr;
    size_t begin_ = 0;
    size_t end_ = 0;
    size_t capacity_ = 0;
};

}  // namespace tidemark
