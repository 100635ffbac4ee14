// Clients for tests against a running server: hiredis for whole replies, a bare socket for bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;

namespace tidemark::support {

struct Reply {
    enum class Kind { kLost, kStatus, kError, kInteger, kBulk, kNil, kArray };
    Kind kind = Kind::kLost;  // kLost: no reply, the connection is gone
    std::string text;         // of a status, error or bulk
    int64_t integer = 0;
    std::vector<Reply> elements;

    bool lost() const { return kind == Kind::kLost; }
    bool ok() const { return kind == Kind::kStatus && text == "OK"; }
    bool is_error() const { return kind == Kind::kError; }
    bool nil() const { return kind == Kind::kNil; }
    bool operator==(const Reply&) const = default;
};

// As redis-cli would print it, on one line; long texts are cut.
std::string to_string(const Reply& reply);

using CommandArgs = std::vector<std::string>;

// Where a server listens; the Unix socket is used when both are given.
struct Endpoint {
    std::string unix_path;
    int port = 0;
};

// hiredis. Not for use by two threads at once.
class Client {
public:
    // Not connected when the server does not answer: see connected().
    explicit Client(const Endpoint& endpoint,
                    std::chrono::milliseconds timeout = std::chrono::seconds(60));
    ~Client();
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool connected() const;
    Reply cmd(const CommandArgs& args);
    // A pipeline: append as many as wanted, flush, then read as many replies.
    void append(const CommandArgs& args);
    bool flush();
    Reply read_reply();

private:
    redisContext* context_ = nullptr;
};

// A socket without any idea of the protocol.
class RawSocket {
public:
    explicit RawSocket(const Endpoint& endpoint);
    ~RawSocket();
    RawSocket(const RawSocket&) = delete;
    RawSocket& operator=(const RawSocket&) = delete;

    int fd() const { return fd_; }
    bool connected() const { return fd_ >= 0; }
    // False when the peer closed or nothing could be sent for `limit`.
    bool send(std::string_view bytes,
              std::chrono::milliseconds limit = std::chrono::milliseconds(10'000));
    // Reads until the text ends with `end`, the peer closes, or `limit` is over.
    std::string read_until(std::string_view end, std::chrono::milliseconds limit);
    // Reads until the peer closes, or nothing came for `quiet`. `*closed` tells which.
    std::string read_all(std::chrono::milliseconds quiet, bool* closed);

private:
    bool readable_within(std::chrono::milliseconds limit) const;

    int fd_ = -1;
};

}  // namespace tidemark::support
