// Append, group, write, sync, watermark. The way past the page cache is in log_direct.cc, what
// happens when a file fails or ends in log_switch.cc.
//
// Invariants:
// 1. durable_offset_ <= written_ <= groups_.closed_end() <= appended_offset(), all logical offsets.
// 2. durable_offset_ rises only by a sync that was started after the bytes had been written to the
//    same file, and that succeeded; or by a direct write of the bytes behind it.
// 3. Bytes from durable_offset_ on stay in groups_ (not under kNo, which promises nothing).
// 4. File contents are written from end_of_turn, tick and close only: a completion never finds the
//    open group half full and in its way.
// 5. While a direct write is in flight no group is written, and all before it is durable.
#include "aof/log.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"

namespace tidemark::aof {

namespace {

// An inline write that took longer has met dirty throttling or a journal: worth counting.
constexpr int64_t kSlowWriteUs = 10'000;
// How often a full disk is tried again; readers' turns in between do not pay for it.
constexpr int64_t kFullDiskRetryUs = 100'000;
// A group that is larger is written at once, so that the disk has something to do meanwhile.
constexpr size_t kWaitingBytesMax = 64 * 1024;
// everysec syncs before its second is over rather than leave more than this in memory, both ours
// and the kernel's: what goes round in a few megabytes stays in the processor's cache.
constexpr uint64_t kEarlySyncBytes = 2 * 1024 * 1024;

}  // namespace

Log::Log(io::Disk& disk, Clock& clock, Logger& logger, Folder folder, Options options,
         Observer& observer)
    : disk_(disk),
      clock_(clock),
      logger_(logger),
      observer_(observer),
      options_(options),
      names_(std::move(folder.names)),
      manifest_(std::move(folder.manifest)),
      next_seq_(manifest_.next_increment_seq()),
      older_bytes_(folder.older_bytes),
      file_(std::make_unique<IncrementFile>(std::move(folder.increment),
                                            names_.path_of(manifest_.increments.back().file),
                                            folder.increment_size)),
      file_base_(static_cast<int64_t>(folder.older_bytes)),
      close_base_(file_base_),
      groups_(folder.older_bytes + folder.increment_size, options.piece_bytes),
      written_(groups_.end()),
      durable_offset_(groups_.end()),
      window_possible_(!disk.copies_on_write(names_.folder())) {
    sync_op_.bind<Log, &Log::on_sync>(this);
    write_op_.bind<Log, &Log::on_ring_write>(this);
    direct_op_.bind<Log, &Log::on_direct_write>(this);
    switch_op_.bind<Log, &Log::on_switch_op>(this);
    stats_.base_bytes = folder.base_bytes;
    stats_.synced_at_us = clock_.monotonic_us();  // recovery leaves nothing that is not
    note_appended(groups_.end());
}

Log::~Log() = default;

uint64_t Log::append(const engine::CommitRecord& record) {
    if (options_.timestamps && !groups_.group_is_open()) {
        const int64_t now = clock_.unix_us() / kMicrosPerSecond;
        if (now != last_timestamp_) groups_.set_timestamp_due(now);
        last_timestamp_ = now;
    }
    note_appended(groups_.append(record));
    gathering_.on_append();
    return appended_offset();
}

void Log::begin_transaction() {
    groups_.begin_transaction();
}
void Log::end_transaction() {
    note_appended(groups_.end_transaction());
}

void Log::note_appended(uint64_t offset) {
    set_appended(offset);
    set_what_is_released();
}

void Log::set_what_is_released() {
    set_released(options_.policy == FsyncPolicy::kAlways ? durable_offset_ : appended_offset());
}

void Log::close_group() {
    if (!groups_.group_is_open()) return;
    const uint64_t start = groups_.closed_end();
    const int64_t durable = static_cast<int64_t>(durable_offset_) - close_base_;
    groups_.close_group(close_base_, static_cast<uint64_t>(std::max<int64_t>(durable, 0)));
    note_appended(groups_.end());
    ++stats_.groups;
    stats_.group_bytes += groups_.closed_end() - start;
}

// A group that nobody is told of before its sync need not be written before it: one write and one
// seal serve all turns since the last sync. Not while something else waits for the file to be
// whole, nor for ever.
bool Log::group_may_wait() const {
    if (options_.policy != FsyncPolicy::kAlways || options_.write_through_ring) return false;
    if (failed_ || switch_ != Switch::kNone || !writable()) return false;
    if (!groups_.group_is_open() || groups_.open_bytes() > kWaitingBytesMax) return false;
    return commit_is_running() || gathering_.waits(clock_.monotonic_us());
}

void Log::end_of_turn() {
    if (group_may_wait()) return;
    close_group();
    if (failed_) {
        retry_failed_file();
        return;
    }
    write_closed();
    if (switch_ != Switch::kNone) advance_switch();
    if (sync_is_due()) start_sync();
}

void Log::write_closed() {
    if (frozen() || failed_ || direct_op_.in_flight || written_ == groups_.closed_end()) return;
    if (!writable() && clock_.monotonic_us() < retry_at_us_) return;
    if (options_.write_through_ring) {
        start_ring_write();
    } else if (may_write_direct()) {
        start_direct_write();
    } else {
        write_inline();
    }
}

void Log::write_inline() {
    const uint64_t before = written_;
    if (const Status status = write_segments(); !status) {
        on_write_error(status.error());
        return;
    }
    extend_window(written_ - before);
}

Status Log::write_segments() {
    while (written_ < groups_.closed_end()) {
        const std::string_view segment = groups_.segment(written_);
        const int64_t before_us = clock_.monotonic_us();
        TM_CHECK(file_->write(segment, groups_.tail_room(segment)));
        if (clock_.monotonic_us() - before_us > kSlowWriteUs) ++stats_.slow_inline_writes;
        note_written(segment.size());
    }
    return {};
}

void Log::start_ring_write() {
    if (write_op_.in_flight) return;
    const std::string_view segment = groups_.segment(written_);
    groups_.detach_open_chunk();
    ring_write_bytes_ = segment.size();
    file_->file().start_write(segment, file_->position(), write_op_);
}

void Log::on_ring_write(io::Completion completion) {
    if (completion.result >= 0 && static_cast<uint64_t>(completion.result) == ring_write_bytes_) {
        file_->advance(ring_write_bytes_);
        note_written(ring_write_bytes_);
        if (sync_is_due()) start_sync();
        return;
    }
    // A short write is what a full disk looks like; the retry will say it outright.
    const int error = completion.result < 0 ? -completion.result : ENOSPC;
    on_write_error(system_error(error, file_->path()));
}

void Log::note_written(uint64_t bytes) {
    written_ += bytes;
    if (options_.policy == FsyncPolicy::kNo) groups_.forget_before(written_);
    if (!refusal_.empty() && written_ == groups_.closed_end()) accept_again();
    const bool is_large = file_->position() > options_.increment_bytes;
    if (options_.increment_bytes != 0 && is_large && switch_ == Switch::kNone &&
        clock_.monotonic_us() >= switch_not_before_us_) {
        start_next_increment();
    }
}

void Log::on_write_error(const Error& error) {
    if (error.code != ErrorCode::kNoSpace) {
        fail_file(error);
        return;
    }
    // Recoverable: nothing of the group counts until all of it is there. tick() tries again.
    if (const Status cut = file_->cut(); !cut) {
        fail_file(cut.error());
        return;
    }
    retry_at_us_ = clock_.monotonic_us() + kFullDiskRetryUs;
    refuse(error);
}

// The window makes a sync one flush. Under the other policies nobody waits for that, but when much
// is written the page cache takes it for less. A full disk ends it quietly, because the log itself
// may still fit.
void Log::extend_window(uint64_t group_bytes) {
    if (!options_.prefill || !window_possible_) return;
    if (failed_ || frozen() || options_.write_through_ring) return;
    const bool is_waited_for = options_.policy == FsyncPolicy::kAlways;
    if (!is_waited_for && unsynced_bytes() < options_.folio_bytes) return;
    const Status status = is_waited_for ? file_->extend_window(options_.window_bytes)
                                        : file_->fill_folio(group_bytes, options_.folio_bytes);
    if (status) return;
    window_possible_ = false;
    logger_.warning("No window is written ahead of the log any more: {}", status.error().what);
    if (const Status cut = file_->cut(); !cut) fail_file(cut.error());
}

bool Log::sync_is_due() const {
    if (failed_ || sync_op_.in_flight) return false;
    if (switch_ == Switch::kSyncOld) return last_sync_ == LastSync::kDue;
    if (written_ == durable_offset_) return window_wants_sync();
    switch (options_.policy) {
        case FsyncPolicy::kAlways:
            return true;
        case FsyncPolicy::kEverySecond:
            return clock_.monotonic_us() >= next_sync_at_us_ || unsynced_bytes() > kEarlySyncBytes;
        case FsyncPolicy::kNo:
            return false;
    }
    return false;
}

void Log::start_sync() {
    sync_target_ = written_;
    sync_started_us_ = clock_.monotonic_us();
    if (commits(sync_target_)) gathering_.on_sync_start(sync_started_us_, clock_.cpu_us());
    file_->on_sync_start();
    next_sync_at_us_ = sync_started_us_ + kMicrosPerSecond;
    if (switch_ == Switch::kSyncOld) last_sync_ = LastSync::kRunning;
    file_->file().start_data_sync(sync_op_);
}

void Log::on_sync(io::Completion completion) {
    const int64_t now_us = clock_.monotonic_us();
    const bool rises = commits(sync_target_);
    ++stats_.syncs;
    sync_us_.record(now_us - sync_started_us_);
    if (rises) gathering_.on_sync_done(now_us);
    if (completion.result < 0) {
        fail_file(system_error(-completion.result, file_->path()));
        return;
    }
    file_->on_sync_done();
    if (rises) note_durable(sync_target_);
    stats_.synced_at_us = sync_started_us_;
    if (last_sync_ == LastSync::kRunning) last_sync_ = LastSync::kDone;
    if (frozen()) advance_switch();
    if (rises) observer_.on_released();
}

void Log::note_durable(uint64_t offset) {
    TM_ASSERT(offset >= durable_offset_ && offset <= written_);  // invariant 1
    durable_offset_ = offset;
    set_what_is_released();
    file_->note_durable(position_of(offset));
    groups_.forget_before(offset);
}

void Log::tick() {
    if (sync_op_.in_flight && options_.policy == FsyncPolicy::kEverySecond &&
        clock_.monotonic_us() >= next_sync_at_us_) {
        ++stats_.delayed_syncs;
        next_sync_at_us_ += kMicrosPerSecond;
    }
    if (unwritten_bytes() == 0) {
        groups_.release_spare();
        file_->release_spare();
    }
    end_of_turn();
}

void Log::set_policy(FsyncPolicy policy) {
    if (policy == options_.policy) return;
    options_.policy = policy;
    set_what_is_released();
    // From kAlways: the replies that were held may leave. To kAlways: what is written gets its sync
    // now. A window that is left stays until the clean stop; groups go on overwriting it.
    observer_.on_released();
    if (sync_is_due()) start_sync();
}

bool Log::busy() const {
    return sync_op_.in_flight || write_op_.in_flight || direct_op_.in_flight ||
           switch_op_.in_flight;
}

const LogStats& Log::stats() {
    stats_.file_bytes = older_bytes_ + file_->position();
    stats_.sync_us_p50 = sync_us_.percentile(0.50);
    stats_.sync_us_p99 = sync_us_.percentile(0.99);
    stats_.sync_us_max = sync_us_.max();
    return stats_;
}

}  // namespace tidemark::aof
