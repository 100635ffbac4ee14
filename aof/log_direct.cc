// Under `always`, past the page cache: a group that goes into a durable window is durable once it
// is written. One operation instead of a write and a sync, one wait of the kernel's instead of two,
// and no page of the cache.
//
// The two ways take turns: a group goes this way only when everything before it is durable, and
// none goes the other way while this one is in flight.
#include <cerrno>

#include "aof/log.h"

namespace tidemark::aof {

// Nothing can go into a window before a sync has seen it.
bool Log::window_wants_sync() const {
    return options_.direct_writes && options_.policy == FsyncPolicy::kAlways &&
           file_->window_is_new();
}

bool Log::may_write_direct() {
    return options_.direct_writes && options_.policy == FsyncPolicy::kAlways &&
           written_ == durable_offset_ && file_->takes_direct(groups_.closed_end() - written_);
}

void Log::start_direct_write() {
    if (const Status status = fill_direct_write(); !status) {
        fail_file(status.error());
        return;
    }
    direct_target_ = groups_.closed_end();
    direct_started_us_ = clock_.monotonic_us();
    gathering_.on_sync_start(direct_started_us_, clock_.cpu_us());
    file_->start_direct(direct_op_);
}

Status Log::fill_direct_write() {
    TM_CHECK(file_->begin_direct());
    for (uint64_t at = written_; at < groups_.closed_end();) {
        const std::string_view segment = groups_.segment(at);
        file_->take_direct(segment);
        at += segment.size();
    }
    return {};
}

void Log::on_direct_write(io::Completion completion) {
    const int64_t now_us = clock_.monotonic_us();
    gathering_.on_sync_done(now_us);
    if (completion.result == -EINVAL || completion.result == -EOPNOTSUPP) {
        logger_.notice("{} does not take direct writes, the log is written and synced instead",
                       file_->path());
        options_.direct_writes = false;
        return;
    }
    if (completion.result < 0 || static_cast<size_t>(completion.result) != file_->direct_bytes()) {
        const int error = completion.result < 0 ? -completion.result : EIO;
        fail_file(system_error(error, file_->path()));
        return;
    }
    ++stats_.syncs;
    ++stats_.direct_writes;
    stats_.synced_at_us = direct_started_us_;
    sync_us_.record(now_us - direct_started_us_);
    direct_time_.add(now_us - direct_started_us_);
    file_->end_direct();
    const uint64_t bytes = direct_target_ - written_;
    note_written(bytes);
    note_durable(direct_target_);
    observer_.on_released();
    // Not while the write is in flight: a full disk cuts the window away, and the write with it.
    extend_window(bytes);
}

}  // namespace tidemark::aof
