#include "bench/load_generator.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace tidemark::bench {

namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr int kEventsPerTurn = 256;
// How long a run waits for one more reply once its time is over.
constexpr uint64_t kDrainNs = 30 * kNsPerSecond;

double own_cpu_us() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

}  // namespace

Result<std::unique_ptr<LoadGenerator>> LoadGenerator::connect(const LoadPlan& plan, int stop_fd) {
    std::unique_ptr<LoadGenerator> generator(new LoadGenerator);
    TM_CHECK(generator->open(plan, stop_fd));
    return generator;
}

LoadGenerator::~LoadGenerator() {
    if (epoll_fd_ >= 0) close(epoll_fd_);
}

Status LoadGenerator::open(const LoadPlan& plan, int stop_fd) {
    epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd_ < 0) return fail(system_error(errno, "cannot open an epoll"));
    // Paced requests are due at microseconds; the default slack is 50 of them.
    prctl(PR_SET_TIMERSLACK, 1);
    stop_fd_ = stop_fd;
    if (stop_fd >= 0) {
        epoll_event event{};
        event.events = EPOLLIN;
        if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, stop_fd, &event) != 0) {
            return fail(system_error(errno, "cannot wait for signals"));
        }
    }
    for (const Lane& lane : plan.lanes) {
        lanes_.push_back(std::make_unique<LaneState>(lane, plan.seed + lanes_.size()));
        for (int i = 0; i < lane.connections; i++) {
            auto connection = std::make_unique<LoadConnection>(*lanes_.back(), i);
            TM_CHECK(connection->connect(plan.endpoint));
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = connection.get();
            if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, connection->fd(), &event) != 0) {
                return fail(system_error(errno, "cannot wait for a connection"));
            }
            if (lane.rate > 0) paced_.push_back(connection.get());
            connections_.push_back(std::move(connection));
        }
    }
    return {};
}

Result<LoadResult> LoadGenerator::run(double seconds) {
    const double cpu_before = own_cpu_us();
    const uint64_t begin = now_ns();
    const uint64_t end =
        seconds > 0 ? begin + static_cast<uint64_t>(seconds * double{kNsPerSecond}) : UINT64_MAX;
    start(begin, end);
    for (const auto& connection : connections_) TM_CHECK(send_due(*connection, now_ns()));
    TM_CHECK(drive(end));
    TM_CHECK(drain());

    LoadResult result;
    result.seconds = static_cast<double>(now_ns() - begin) / double{kNsPerSecond};
    result.client_cpu_us = own_cpu_us() - cpu_before;
    for (const auto& lane : lanes_) result.lanes.push_back(std::move(lane->result));
    return result;
}

void LoadGenerator::start(uint64_t start_ns, uint64_t end_ns) {
    for (const auto& lane : lanes_) lane->result = LaneResult{};
    for (const auto& connection : connections_) connection->start(start_ns, end_ns);
}

bool LoadGenerator::all_sent() const {
    bool limited = false;
    for (const auto& lane : lanes_) {
        if (lane->lane.requests == 0) continue;
        limited = true;
        if (lane->requests_left()) return false;
    }
    return limited;
}

Status LoadGenerator::drive(uint64_t end_ns) {
    for (uint64_t now = now_ns(); now < end_ns && !stopped_ && !all_sent(); now = now_ns()) {
        TM_CHECK(release_due(now));
        TM_CHECK(turn(wake_ns(end_ns), Refill::kYes));
    }
    return {};
}

uint64_t LoadGenerator::missing() const {
    uint64_t sum = 0;
    for (const auto& connection : connections_) sum += connection->outstanding();
    // A stop ends the schedule, too.
    for (const LoadConnection* connection : paced_) sum += stopped_ ? 0 : connection->unsent();
    return sum;
}

Status LoadGenerator::drain() {
    uint64_t before = missing();
    for (uint64_t progress_ns = now_ns(); before > 0;) {
        if (!stopped_) TM_CHECK(release_due(now_ns()));
        TM_CHECK(turn(wake_ns(progress_ns + kDrainNs), Refill::kNo));
        const uint64_t after = missing();
        if (after < before) progress_ns = now_ns();
        before = after;
        if (now_ns() >= progress_ns + kDrainNs) {
            return fail(ErrorCode::kIo, fmt::format("{} replies never came", before));
        }
    }
    return {};
}

void LoadGenerator::collect_rest() {
    for (const auto& connection : connections_) {
        for (uint64_t before = UINT64_MAX; connection->outstanding() < before;) {
            before = connection->outstanding();
            if (!connection->on_readable()) break;
        }
    }
}

uint64_t LoadGenerator::wake_ns(uint64_t end_ns) const {
    uint64_t wake = end_ns;
    if (stopped_) return wake;
    for (const LoadConnection* connection : paced_) {
        // One with a full pipeline is woken by its replies.
        if (connection->has_room() && !connection->schedule_done()) {
            wake = std::min(wake, connection->next_due_ns());
        }
    }
    return wake;
}

Status LoadGenerator::release_due(uint64_t now) {
    for (LoadConnection* connection : paced_) TM_CHECK(send_due(*connection, now));
    return {};
}

Status LoadGenerator::turn(uint64_t wake, Refill refill) {
    std::array<epoll_event, kEventsPerTurn> events;
    const uint64_t now = now_ns();
    const uint64_t wait = wake > now ? std::min(wake - now, kNsPerSecond) : 0;
    const timespec timeout{static_cast<time_t>(wait / kNsPerSecond),
                           static_cast<long>(wait % kNsPerSecond)};
    const int n = epoll_pwait2(epoll_fd_, events.data(), kEventsPerTurn, &timeout, nullptr);
    if (n < 0 && errno != EINTR) return fail(system_error(errno, "cannot wait for replies"));
    for (int i = 0; i < n; i++) {
        const epoll_event& event = events[static_cast<size_t>(i)];
        if (event.data.ptr == nullptr) {
            stopped_ = true;
            // Once is enough; left in, it would end every later wait at once.
            epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, stop_fd_, nullptr);
            continue;
        }
        TM_CHECK(handle(*static_cast<LoadConnection*>(event.data.ptr), event.events, refill));
    }
    return {};
}

Status LoadGenerator::handle(LoadConnection& connection, uint32_t events, Refill refill) {
    const bool was_blocked = connection.wants_write();
    if ((events & EPOLLOUT) != 0) TM_CHECK(connection.flush());
    if ((events & ~uint32_t{EPOLLOUT}) != 0) TM_CHECK(connection.on_readable());
    if (was_blocked && !connection.wants_write()) TM_CHECK(watch_writes(connection));
    return refill == Refill::kYes ? send_due(connection, now_ns()) : Status{};
}

Status LoadGenerator::send_due(LoadConnection& connection, uint64_t now) {
    const bool was_blocked = connection.wants_write();
    TM_CHECK(connection.send_due(now));
    return connection.wants_write() == was_blocked ? Status{} : watch_writes(connection);
}

Status LoadGenerator::watch_writes(LoadConnection& connection) {
    epoll_event event{};
    event.events = connection.wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, connection.fd(), &event) != 0) {
        return fail(system_error(errno, "cannot wait for a connection"));
    }
    return {};
}

}  // namespace tidemark::bench
