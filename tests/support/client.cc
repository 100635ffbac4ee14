#include "tests/support/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace tidemark::support {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

Reply convert(const redisReply& from) {
    Reply to;
    switch (from.type) {
        case REDIS_REPLY_STATUS:
            to.kind = Reply::Kind::kStatus;
            break;
        case REDIS_REPLY_ERROR:
            to.kind = Reply::Kind::kError;
            break;
        case REDIS_REPLY_INTEGER:
            to.kind = Reply::Kind::kInteger;
            break;
        case REDIS_REPLY_STRING:
            to.kind = Reply::Kind::kBulk;
            break;
        case REDIS_REPLY_NIL:
            to.kind = Reply::Kind::kNil;
            break;
        case REDIS_REPLY_ARRAY:
            to.kind = Reply::Kind::kArray;
            break;
        default:
            TM_ASSERT(false);
    }
    if (from.str) to.text.assign(from.str, static_cast<size_t>(from.len));
    to.integer = from.integer;
    for (size_t i = 0; i < from.elements; ++i) to.elements.push_back(convert(*from.element[i]));
    return to;
}

timeval to_timeval(milliseconds time) {
    return {.tv_sec = time.count() / 1000, .tv_usec = (time.count() % 1000) * 1000};
}

int connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    TM_ASSERT(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (connect(fd, generic, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

int connect_tcp(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (connect(fd, generic, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

}  // namespace

std::string to_string(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::kLost:
            return "(connection lost)";
        case Reply::Kind::kNil:
            return "(nil)";
        case Reply::Kind::kInteger:
            return fmt::format("(integer) {}", reply.integer);
        case Reply::Kind::kStatus:
            return reply.text;
        case Reply::Kind::kError:
            return "(error) " + reply.text;
        case Reply::Kind::kBulk:
            return fmt::format("\"{:.200}\"", reply.text);
        case Reply::Kind::kArray:
            break;
    }
    std::string all = "[";
    for (const Reply& element : reply.elements) all += to_string(element) + " ";
    all.back() = ']';
    return reply.elements.empty() ? "[]" : all;
}

Client::Client(const Endpoint& endpoint, milliseconds timeout) {
    const timeval limit = to_timeval(timeout);
    context_ = endpoint.unix_path.empty()
                   ? redisConnectWithTimeout("127.0.0.1", endpoint.port, limit)
                   : redisConnectUnixWithTimeout(endpoint.unix_path.c_str(), limit);
    if (context_ && context_->err == 0) redisSetTimeout(context_, limit);
}

Client::~Client() {
    if (context_) redisFree(context_);
}

Client::Client(Client&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

bool Client::connected() const {
    return context_ && context_->err == 0;
}

Reply Client::cmd(const CommandArgs& args) {
    append(args);
    return read_reply();
}

void Client::append(const CommandArgs& args) {
    if (!connected()) return;
    std::vector<const char*> texts;
    std::vector<size_t> lengths;
    for (const std::string& arg : args) {
        texts.push_back(arg.data());
        lengths.push_back(arg.size());
    }
    redisAppendCommandArgv(context_, static_cast<int>(args.size()), texts.data(), lengths.data());
}

bool Client::flush() {
    int done = 0;
    while (connected() && !done) {
        if (redisBufferWrite(context_, &done) != REDIS_OK) return false;
    }
    return connected();
}

Reply Client::read_reply() {
    void* raw = nullptr;
    if (!connected() || redisGetReply(context_, &raw) != REDIS_OK || !raw) return {};
    auto* reply = static_cast<redisReply*>(raw);
    Reply converted = convert(*reply);
    freeReplyObject(reply);
    return converted;
}

RawSocket::RawSocket(const Endpoint& endpoint)
    : fd_(endpoint.unix_path.empty() ? connect_tcp(endpoint.port)
                                     : connect_unix(endpoint.unix_path)) {}

RawSocket::~RawSocket() {
    if (fd_ >= 0) close(fd_);
}

bool RawSocket::send(std::string_view bytes, milliseconds limit) {
    while (!bytes.empty()) {
        pollfd waiting{fd_, POLLOUT, 0};
        if (poll(&waiting, 1, static_cast<int>(limit.count())) != 1) return false;
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

bool RawSocket::readable_within(milliseconds limit) const {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
}

std::string RawSocket::read_until(std::string_view end, milliseconds limit) {
    std::string text;
    std::array<char, 65'536> buffer;
    const auto deadline = Clock::now() + limit;
    while (!text.ends_with(end)) {
        const auto left = duration_cast<milliseconds>(deadline - Clock::now());
        if (left.count() <= 0 || !readable_within(left)) break;
        const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<size_t>(got));
    }
    return text;
}

std::string RawSocket::read_all(milliseconds quiet, bool* closed) {
    std::string text;
    std::array<char, 65'536> buffer;
    *closed = false;
    while (readable_within(quiet)) {
        const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            *closed = true;
            break;
        }
        text.append(buffer.data(), static_cast<size_t>(got));
    }
    return text;
}

}  // namespace tidemark::support
