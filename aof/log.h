// The append-only log of a running server: group commit with a watermark.
//
//   append -> open group -> end_of_turn: seal, one write -> sync (policy) -> watermark -> replies
//   leave
//
// Runs on the loop's thread. See docs/log-format.md for the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aof/folder.h"
#include "aof/gathering.h"
#include "aof/group_buffer.h"
#include "aof/increment_file.h"
#include "aof/latency_histogram.h"
#include "aof/log_stats.h"
#include "aof/usual_time.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "engine/commit_sink.h"
#include "io/disk.h"

namespace tidemark::aof {

enum class FsyncPolicy : uint8_t { kAlways, kEverySecond, kNo };

class Log final : public engine::CommitSink {
public:
    struct Options {
        FsyncPolicy policy = FsyncPolicy::kAlways;
        bool timestamps = false;                          // aof-timestamp-enabled
        bool prefill = true;                              // fill ahead of the groups
        bool write_through_ring = false;                  // aof-inline-writes no
        bool direct_writes = true;                        // aof-direct-writes; into the window
        uint64_t window_bytes = 2 * 1024 * 1024;          // of fill, under kAlways
        uint64_t folio_bytes = 256 * 1024;                // of fill, otherwise, in busy times
        size_t piece_bytes = kPieceBytes;                 // behind one seal
        uint64_t max_unwritten_bytes = 64 * 1024 * 1024;  // past it: back-pressure
        uint64_t increment_bytes = 0;                     // open the next one past it; 0: never
    };

    // Told on the loop's thread, from inside end_of_turn, tick or a sync's completion.
    class Observer {
    public:
        virtual ~Observer() = default;
        // released_offset() has risen: replies that waited for it may leave.
        virtual void on_released() = 0;
        // writable() or its reason has changed.
        virtual void on_writable_changed() = 0;
    };

    // Takes over the folder where recovery left it. `disk`, `clock`, `logger`, `observer` outlive
    // it.
    Log(io::Disk& disk, Clock& clock, Logger& logger, Folder folder, Options options,
        Observer& observer);
    ~Log() override;

    // --- CommitSink
    uint64_t append(const engine::CommitRecord& record) override;
    void begin_transaction() override;
    void end_transaction() override;
    // released_offset() is under kAlways the durable offset, otherwise everything appended (nothing
    // is held).

    // Durable by a completed sync, whatever the policy. WAITAOF waits for this one.
    uint64_t durable_offset() const { return durable_offset_; }
    uint64_t pending_bytes() const { return appended_offset() - durable_offset_; }

    // Once a turn, after the commands and before replies are sent: seals and writes the open group
    // and starts a sync when the policy wants one and none is running. Under kAlways, where no
    // reply leaves before the sync, the group stays open until one can start (see aof/gathering.h).
    void end_of_turn();
    // The loop calls end_of_turn no later than this (monotonic), also when nothing happens; 0: any
    // time.
    int64_t wake_at_us() const {
        return groups_.group_is_open() && !commit_is_running() ? gathering_.until_us() : 0;
    }
    // Writes that are on their way, it seems, now that a sync is done.
    uint64_t expected_records() const { return gathering_.expected(); }
    // Of a direct write that is under way: when it should be done, and how far off that usually is.
    // It needs no processor until then; a sync may run beside the loop, on the same one.
    struct Due {
        int64_t at_us = 0;  // monotonic; 0: none is under way
        int64_t deviation_us = 0;
    };
    Due direct_due() const {
        if (!direct_op_.in_flight) return {};
        return {direct_started_us_ + direct_time_.us(), direct_time_.deviation_us()};
    }
    // The loop's thread spent so long looking for completions; that is no work.
    void note_polled(int64_t us) { gathering_.on_polled(us); }
    // Ten times a second: everysec's clock, retries after ENOSPC, the watchdog.
    void tick();

    // False: writes are refused with misconf_text(); reads go on.
    bool writable() const { return refusal_.empty(); }
    // "MISCONF Errors writing to the AOF file: No space left on device"
    std::string_view misconf_text() const { return refusal_; }
    // True past max_unwritten_bytes: do not read from connections that write until it drains.
    bool over_limit() const { return unwritten_bytes() > options_.max_unwritten_bytes; }
    // What over_limit() looks at: bytes held in memory until they are safe.
    uint64_t unwritten_bytes() const {
        return appended_offset() - (policy() == FsyncPolicy::kNo ? written_ : durable_offset_);
    }

    void set_policy(FsyncPolicy policy);
    FsyncPolicy policy() const { return options_.policy; }
    void set_timestamps(bool on) { options_.timestamps = on; }

    // Opens the next increment: old one synced, manifest durable, then the first write to the new
    // one. Appends go on meanwhile. Asynchronous; increments_opened in stats() counts.
    void start_next_increment();

    // True while an operation is in flight: turn the ring until it is not, before close().
    bool busy() const;
    // Clean stop: writes and syncs everything, cuts the file to size. Blocks. Also right when an
    // operation is still in flight, only slower.
    Status close();

    const LogStats& stats();
    const Manifest& manifest() const { return manifest_; }

private:
    // How far the next increment is. Up to kReady the old one goes on being written.
    enum class Switch : uint8_t {
        kNone,
        kWanted,
        kSyncFile,      // the new, empty file
        kSyncManifest,  // the manifest's temporary file that names it
        kSyncEntries,   // both files' entries in the folder
        kReady,         // waits for a turn's end with everything written
        kSyncOld,       // frozen: groups are closed for the new file and wait in memory
        kSyncFolder,    // the manifest was renamed
    };

    // --- log.cc
    void note_appended(uint64_t offset);
    void set_what_is_released();
    void close_group();
    void write_closed();
    void write_inline();
    Status write_segments();
    void start_ring_write();
    void on_ring_write(io::Completion completion);
    void note_written(uint64_t bytes);
    void on_write_error(const Error& error);
    // A write or sync is in flight that will make groups durable.
    bool commit_is_running() const {
        return direct_op_.in_flight || (sync_op_.in_flight && commits(sync_target_));
    }
    // A sync up to there makes groups durable; otherwise it is for the window or the file's end.
    bool commits(uint64_t sync_target) const { return sync_target > durable_offset_; }

    bool group_may_wait() const;
    bool sync_is_due() const;
    void start_sync();
    void on_sync(io::Completion completion);
    void note_durable(uint64_t offset);
    void extend_window(uint64_t group_bytes);
    bool frozen() const { return switch_ >= Switch::kSyncOld; }
    uint64_t unsynced_bytes() const { return written_ - durable_offset_; }

    uint64_t position_of(uint64_t logical) const {
        return static_cast<uint64_t>(static_cast<int64_t>(logical) - file_base_);
    }

    // --- log_direct.cc
    bool window_wants_sync() const;
    bool may_write_direct();
    void start_direct_write();
    Status fill_direct_write();
    void on_direct_write(io::Completion completion);

    // --- log_switch.cc
    void fail_file(const Error& error);
    void refuse(const Error& error);
    void accept_again();
    Status replace_failed_file();
    Result<int64_t> write_replacement(IncrementFile& file, uint64_t from);
    void retry_failed_file();
    Status prepare_switch();
    Status prepare_manifest();
    void advance_switch();
    void on_switch_op(io::Completion completion);
    void freeze();
    Status rename_manifest();
    Status sync_folder(Switch next);
    void finish_switch();
    void abandon_switch(const Error& error);
    void drop_switch();

    io::Disk& disk_;
    Clock& clock_;
    Logger& logger_;
    Observer& observer_;
    Options options_;
    FolderNames names_;
    Manifest manifest_;
    uint64_t next_seq_;  // of increments; never used twice, also after a failure
    uint64_t older_bytes_;

    std::unique_ptr<IncrementFile> file_;
    // Logical offset of a file's position 0; negative when its head repeats a SELECT.
    int64_t file_base_;
    int64_t close_base_;  // the same for the file that groups being closed now will go to
    GroupBuffer groups_;
    uint64_t written_;  // logical; what the current file holds
    uint64_t durable_offset_;

    io::Operation sync_op_;
    uint64_t sync_target_ = 0;
    int64_t sync_started_us_ = 0;
    Gathering gathering_;
    int64_t next_sync_at_us_ = 0;  // everysec
    io::Operation write_op_;       // through the ring, because of an option
    uint64_t ring_write_bytes_ = 0;
    io::Operation direct_op_;  // into the window
    uint64_t direct_target_ = 0;
    int64_t direct_started_us_ = 0;
    UsualTime direct_time_;

    // Sticky: the current file met an error that no retry can mend (log_switch.cc).
    bool failed_ = false;
    Error failure_;
    int64_t retry_at_us_ = 0;
    std::string refusal_;
    bool window_possible_;

    Switch switch_ = Switch::kNone;
    io::Operation switch_op_;
    std::unique_ptr<IncrementFile> next_file_;
    std::unique_ptr<io::File> switch_file_;  // temporary manifest, then the folder
    Manifest next_manifest_;
    // The old increment's last sync: its bytes may be durable already, its end (the window was cut
    // away) is not.
    enum class LastSync : uint8_t { kDue, kRunning, kDone };
    LastSync last_sync_ = LastSync::kDue;
    int64_t switch_not_before_us_ = 0;

    int64_t last_timestamp_ = 0;
    LatencyHistogram sync_us_;
    LogStats stats_;
};

}  // namespace tidemark::aof
