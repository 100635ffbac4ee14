// A blocking client for RESP2 and RESP3 that keeps replies as they were typed: hiredis of this age
// knows no RESP3, and its replies no longer tell a map from an array.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

struct Value {
    // The type byte of RESP; a RESP2 null is 'N' (of a bulk) or 'A' (of an array).
    char type = '_';
    std::string text;          // of everything without items
    std::vector<Value> items;  // of arrays, sets, pushes; of maps keys and values in turn

    bool operator==(const Value&) const = default;
    bool is_error() const { return type == '-'; }
};

// On one line, for people.
std::string describe(const Value& value);
std::string describe(const std::vector<std::string>& args);

class RespClient {
public:
    RespClient() = default;
    ~RespClient() { disconnect(); }
    RespClient(RespClient&& other) noexcept;
    RespClient(const RespClient&) = delete;
    RespClient& operator=(const RespClient&) = delete;

    bool connect(const std::string& socket_path);
    void disconnect();
    bool connected() const { return fd_ >= 0; }

    // False, or nothing, when the other side closed or stayed silent for too long.
    bool send(const std::vector<std::string>& args);
    bool send_raw(std::string_view bytes);
    std::optional<Value> read();
    std::optional<Value> call(const std::vector<std::string>& args);

private:
    bool fill();
    std::optional<std::string_view> line();
    std::optional<std::string> bytes(size_t count);
    std::optional<Value> read_items(Value value, std::string_view count);

    int fd_ = -1;
    std::string input_;
    size_t consumed_ = 0;
};

}  // namespace tidemark::test
