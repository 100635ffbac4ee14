#include "bench/load_connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>

namespace tidemark::bench {

namespace {

// Room for the replies of a whole pipeline of small values, so that one recv a wake-up is enough.
constexpr size_t kReceiveBytes = 256 * 1024;

union Address {
    sockaddr any;
    sockaddr_in inet;
    sockaddr_un local;
};

Result<socklen_t> fill_address(const Endpoint& endpoint, Address& to) {
    to = {};
    if (endpoint.unix_path.empty()) {
        to.inet.sin_family = AF_INET;
        to.inet.sin_port = htons(endpoint.port);
        if (inet_pton(AF_INET, endpoint.host.c_str(), &to.inet.sin_addr) != 1) {
            return fail(ErrorCode::kInvalid, fmt::format("{} is no IPv4 address", endpoint.host));
        }
        return socklen_t{sizeof to.inet};
    }
    if (endpoint.unix_path.size() >= sizeof to.local.sun_path) {
        return fail(ErrorCode::kLimit, endpoint.unix_path + " is too long for a Unix socket");
    }
    to.local.sun_family = AF_UNIX;
    std::memcpy(to.local.sun_path, endpoint.unix_path.data(), endpoint.unix_path.size());
    return socklen_t{sizeof to.local};
}

}  // namespace

uint64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

LaneState::LaneState(const Lane& what, uint64_t seed)
    : lane(what),
      read_writer(Verb::kGet, 0, 0),
      writer(what.verb, what.value_bytes, what.expire_s),
      random(seed) {}

bool LaneState::next_is_read() {
    if (lane.read_share <= 0) return false;
    constexpr uint64_t kScale = 1'000'000;
    return random.below(kScale) < static_cast<uint64_t>(lane.read_share * double{kScale});
}

uint64_t LaneState::next_key_of(const KeyRange& range, int connection) {
    switch (lane.order) {
        case KeyOrder::kSequential:
            return range.first + next_key++ % range.count;
        case KeyOrder::kOwn:
            return range.first + static_cast<uint64_t>(connection);
        case KeyOrder::kRandom:
            break;
    }
    return range.first + random.below(range.count);
}

LoadConnection::LoadConnection(LaneState& lane, int index)
    : lane_(lane), index_(index), is_read_(static_cast<size_t>(lane.lane.pipeline)) {}

LoadConnection::~LoadConnection() {
    if (fd_ >= 0) close(fd_);
}

Status LoadConnection::connect(const Endpoint& endpoint) {
    Address address;
    const socklen_t length = TM_TRY(fill_address(endpoint, address));
    fd_ = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return fail(system_error(errno, "cannot open a client socket"));
    TM_CHECK(set_options(endpoint));
    // Blocking up to here, so that a full backlog makes it wait and not fail.
    if (::connect(fd_, &address.any, length) != 0) {
        return fail(system_error(errno, "cannot connect to the server"));
    }
    return {};
}

Status LoadConnection::set_options(const Endpoint& endpoint) {
    if (!endpoint.unix_path.empty()) return {};
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::string& name = endpoint.congestion;
    if (name.empty()) return {};
    if (setsockopt(fd_, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                   static_cast<socklen_t>(name.size())) != 0) {
        return fail(system_error(errno, "cannot use congestion control " + name));
    }
    return {};
}

void LoadConnection::start(uint64_t start_ns, uint64_t end_ns) {
    start_ns_ = start_ns;
    sent_ = 0;
    replied_ = 0;
    const Lane& lane = lane_.lane;
    scheduled_ = kEndless;
    if (lane.rate <= 0 || end_ns == UINT64_MAX) return;
    // About so many; then exactly, by the same arithmetic that sends them.
    const double seconds = static_cast<double>(end_ns - start_ns) / 1e9;
    scheduled_ = static_cast<uint64_t>(seconds * lane.rate / lane.connections);
    while (scheduled_ > 0 && due_ns(scheduled_ - 1) >= end_ns) scheduled_--;
    while (due_ns(scheduled_) < end_ns) scheduled_++;
    lane_.result.scheduled += scheduled_;
}

uint64_t LoadConnection::due_ns(uint64_t request) const {
    const Lane& lane = lane_.lane;
    const double place = static_cast<double>(request) * lane.connections + index_;
    return start_ns_ + static_cast<uint64_t>(place * 1e9 / lane.rate);
}

Status LoadConnection::send_due(uint64_t now) {
    const auto pipeline = static_cast<uint64_t>(lane_.lane.pipeline);
    if (lane_.lane.rate <= 0) {
        return outstanding() == 0 ? send_requests(pipeline, now) : Status{};
    }
    uint64_t count = 0;
    while (outstanding() + count < pipeline && sent_ + count < scheduled_ &&
           due_ns(sent_ + count) <= now) {
        count++;
    }
    return send_requests(count, now);
}

Status LoadConnection::send_requests(uint64_t count, uint64_t now) {
    if (lane_.lane.requests != 0) {
        count = std::min(count, lane_.lane.requests - lane_.result.sent);
    }
    if (count == 0) return {};
    for (uint64_t i = 0; i < count; i++) {
        const bool read = lane_.next_is_read();
        const Lane& lane = lane_.lane;
        is_read_[(sent_ + i) % is_read_.size()] =
            read || lane.verb == Verb::kGet || lane.verb == Verb::kPing;
        if (read) {
            lane_.read_writer.append(out_, lane_.next_key_of(lane.read_keys, index_));
        } else {
            lane_.writer.append(out_, lane_.next_key_of(lane.keys, index_));
        }
    }
    sent_ += count;
    lane_.result.sent += count;
    batch_ns_ = now;
    return flush();
}

Status LoadConnection::flush() {
    while (out_at_ < out_.size()) {
        const ssize_t n =
            send(fd_, out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) return {};
        if (n < 0 && errno != EINTR) return fail(system_error(errno, "cannot send to the server"));
        if (n > 0) out_at_ += static_cast<size_t>(n);
    }
    out_.clear();
    out_at_ = 0;
    return {};
}

Status LoadConnection::on_readable() {
    static thread_local std::array<char, kReceiveBytes> bytes;
    const ssize_t n = recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n == 0) return fail(ErrorCode::kIo, "the server closed a connection");
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (n < 0) return fail(system_error(errno, "cannot receive from the server"));
    const auto counts = counter_.feed({bytes.data(), static_cast<size_t>(n)});
    if (counter_.malformed()) return fail(ErrorCode::kCorrupt, "the server sent what is no reply");
    if (counts.replies > outstanding()) {
        return fail(ErrorCode::kCorrupt, "the server sent more replies than requests");
    }
    lane_.result.errors += counts.errors;
    lane_.result.misses += counts.misses;
    if (counts.errors > 0 && lane_.result.first_error.empty()) {
        lane_.result.first_error = counter_.first_error();
    }
    if (counts.replies > 0) record(counts, now_ns());
    return {};
}

void LoadConnection::record(const ReplyCounter::Counts& counts, uint64_t now) {
    LaneResult& result = lane_.result;
    const uint64_t replies = counts.replies;
    if (lane_.lane.acks == Acks::kKeepTimes) {
        acks_.insert(acks_.end(), replies - counts.errors, now);
    }
    for (uint64_t i = 0; i < replies; i++) {
        const uint64_t since = lane_.lane.rate > 0 ? due_ns(replied_ + i) : batch_ns_;
        Histogram& histogram =
            is_read_[(replied_ + i) % is_read_.size()] ? result.reads : result.writes;
        histogram.record(now > since ? now - since : 0);
    }
    replied_ += replies;
    result.replies += replies;
}

}  // namespace tidemark::bench
