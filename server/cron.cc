// What happens by the clock: ten times a second (`hz`), and more often while active expiry has a
// backlog.
#include <algorithm>

#include "server/server.h"

namespace tidemark::server {

namespace {

// One slice of active expiry, and how often a slice may run while there is a backlog: at most a
// quarter of the loop's time, in pauses that no client notices.
constexpr int64_t kExpireSliceUs = 500;
constexpr int64_t kSoonPeriodUs = 2'000;
// Table growth and freeing that was put off, for each tick.
constexpr int64_t kMaintainSliceUs = 500;
// Every client is looked at once in this many ticks.
constexpr size_t kClientSweepTicks = 10;
// A client that has been quiet for this long does not keep its buffers.
constexpr int64_t kTrimAfterUs = 2'000'000;

}  // namespace

void Server::on_cron() {
    if (log_ != nullptr) log_->tick();
    look_after_clients();
    for (auto& listener : listeners_) listener->rearm();
    stats_.set_net_bytes(connections_->input_bytes, connections_->output_bytes);
    stats_.sample(monotonic_us_);
    used_peak_ = std::max(used_peak_, keyspace_.used_bytes());
    keyspace_.maintain(kMaintainSliceUs, clock_);
    dispatcher_.gate().out_of_memory =
        config_.maxmemory != 0 && keyspace_.used_bytes() > static_cast<uint64_t>(config_.maxmemory);
    if (!loading_) expire_some();
    tick_soon_if_needed();
}

// Between two ticks of cron, while there is a backlog or a client that waits for a time.
void Server::on_soon() {
    if (expire_busy_ && !loading_) expire_some();
    tick_soon_if_needed();
}

void Server::tick_soon_if_needed() {
    const bool needed = expire_busy_ || waiters_.next_deadline_us() != 0;
    if (needed == (soon_ != nullptr)) return;
    if (!needed) return soon_.reset();
    soon_ = std::make_unique<io::Timer>(*ring_, clock_, soon_tick_);
    soon_->start(kSoonPeriodUs);
}

void Server::expire_some() {
    const int64_t before_us = clock_.monotonic_us();
    keyspace_.expire_slice(clock_, kExpireSliceUs);
    expire_busy_ = clock_.monotonic_us() - before_us >= kExpireSliceUs;
}

void Server::look_after_clients() {
    const size_t share = clients_.size() / kClientSweepTicks + 1;
    const int64_t timeout_us = config_.timeout_s * 1'000'000;
    clients_.for_next(share, [&](Client& client) {
        const int64_t quiet_us = monotonic_us_ - client.session().last_active_us;
        if (timeout_us > 0 && quiet_us > timeout_us && !client.paused()) {
            logger_.verbose("Closing idle client");
            client.close_now();
        } else if (quiet_us > kTrimAfterUs) {
            client.trim();
        }
        enforce_output_limit(client);
    });
}

// client-output-buffer-limit of normal clients. Without one (the default) a client that does not
// read its replies is not read from either, see net::kOutputPauseBytes.
void Server::enforce_output_limit(Client& client) {
    const OutputLimit& limit =
        config_.client_output_buffer_limit[static_cast<size_t>(ClientClass::kNormal)];
    const auto over = [&](int64_t bytes) {
        return bytes != 0 && client.unsent_bytes() > static_cast<uint64_t>(bytes);
    };
    if (!over(limit.soft_bytes)) client.over_soft_limit_since_us = 0;
    if (client.closing() || (!over(limit.hard_bytes) && !over(limit.soft_bytes))) return;
    if (client.over_soft_limit_since_us == 0) client.over_soft_limit_since_us = monotonic_us_;
    const int64_t over_us = monotonic_us_ - client.over_soft_limit_since_us;
    if (!over(limit.hard_bytes) && over_us < limit.soft_seconds * 1'000'000) return;
    ++output_buffer_limit_disconnections_;
    logger_.warning("Closing client {}: {} bytes of replies that it has not read",
                    client.session().id, client.unsent_bytes());
    client.close_now();
}

void Server::lift_log_pressure() {
    log_pressure_ = false;
    clients_.for_each([](Client& client) { client.resume(net::Connection::kLogFull); });
}

}  // namespace tidemark::server
