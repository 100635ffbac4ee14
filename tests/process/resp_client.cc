#include "tests/process/resp_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace tidemark::test {

namespace {

constexpr int kTimeoutSeconds = 20;
constexpr size_t kShownBytes = 200;
constexpr size_t kShownReply = 2'000;

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, kShownBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 32 || byte >= 127 || c == '"' || c == '\\') {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    if (text.size() > kShownBytes) out += fmt::format("...({} bytes)", text.size());
    return out + '"';
}

bool has_items(char type) {
    return std::strchr("*%~>", type) != nullptr;
}

}  // namespace

std::string describe(const Value& value) {
    if (!has_items(value.type)) return fmt::format("{}{}", value.type, quoted(value.text));
    std::string out(1, value.type);
    out += '[';
    for (const Value& item : value.items) {
        if (out.size() > kShownReply) return out + "...";
        if (out.size() > 2) out += ", ";
        out += describe(item);
    }
    return out + ']';
}

std::string describe(const std::vector<std::string>& args) {
    std::string out;
    for (const std::string& arg : args) {
        if (!out.empty()) out += ' ';
        out += quoted(arg);
    }
    return out;
}

RespClient::RespClient(RespClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      input_(std::move(other.input_)),
      consumed_(std::exchange(other.consumed_, 0)) {}

bool RespClient::connect(const std::string& socket_path) {
    disconnect();
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    const timeval timeout{kTimeoutSeconds, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return true;
    }
    disconnect();
    return false;
}

void RespClient::disconnect() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    input_.clear();
    consumed_ = 0;
}

bool RespClient::send(const std::vector<std::string>& args) {
    std::string request = fmt::format("*{}\r\n", args.size());
    for (const std::string& arg : args) {
        request += fmt::format("${}\r\n", arg.size());
        request += arg;
        request += "\r\n";
    }
    return send_raw(request);
}

bool RespClient::send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

bool RespClient::fill() {
    char chunk[64 * 1024];
    const ssize_t count = recv(fd_, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    input_.erase(0, consumed_);
    consumed_ = 0;
    input_.append(chunk, static_cast<size_t>(count));
    return true;
}

std::optional<std::string_view> RespClient::line() {
    size_t end = 0;
    while ((end = input_.find("\r\n", consumed_)) == std::string::npos) {
        if (!fill()) return std::nullopt;
    }
    const auto found = std::string_view(input_).substr(consumed_, end - consumed_);
    consumed_ = end + 2;
    return found;
}

std::optional<std::string> RespClient::bytes(size_t count) {
    while (input_.size() - consumed_ < count + 2) {
        if (!fill()) return std::nullopt;
    }
    std::string found = input_.substr(consumed_, count);
    consumed_ += count + 2;
    return found;
}

std::optional<Value> RespClient::read_items(Value value, std::string_view count) {
    size_t left = std::strtoul(std::string(count).c_str(), nullptr, 10);
    if (value.type == '%') left *= 2;
    for (; left > 0; --left) {
        auto item = read();
        if (!item) return std::nullopt;
        value.items.push_back(std::move(*item));
    }
    return value;
}

std::optional<Value> RespClient::read() {
    const auto header = line();
    if (!header || header->empty()) return std::nullopt;
    Value value;
    value.type = (*header)[0];
    const std::string rest(header->substr(1));
    if (has_items(value.type)) {
        if (rest != "-1") return read_items(std::move(value), rest);
        value.type = 'A';
        return value;
    }
    if (value.type == '$' || value.type == '=') {
        if (rest == "-1") {
            value.type = 'N';
            return value;
        }
        auto text = bytes(std::strtoul(rest.c_str(), nullptr, 10));
        if (!text) return std::nullopt;
        value.text = std::move(*text);
        return value;
    }
    value.text = rest;
    return value;
}

std::optional<Value> RespClient::call(const std::vector<std::string>& args) {
    if (!connected() || !send(args)) return std::nullopt;
    return read();
}

}  // namespace tidemark::test
