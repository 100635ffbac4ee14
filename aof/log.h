// The append-only log of a running server: group commit with a watermark.
//
//   append -> open group -> end_of_turn: seal, one write -> sync (policy) -> watermark -> replies
//   leave
//
// Runs on the loop's thread. See docs/log-format.md for the bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aof/folder.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "engine/commit_sink.h"
#include "io/disk.h"

namespace tidemark::aof {

enum class FsyncPolicy : uint8_t { kAlways, kEverySecond, kNo };

// Shown by INFO persistence.
struct LogStats {
    uint64_t groups = 0;
    uint64_t group_bytes = 0;  // sum, for the average
    uint64_t syncs = 0;
    uint64_t slow_inline_writes = 0;  // over 10 ms
    uint64_t delayed_syncs = 0;       // everysec: a second passed while a sync was still running
    uint64_t file_bytes = 0;          // current size of the log, base and increments
    uint64_t base_bytes = 0;
    int64_t sync_us_p50 = 0;
    int64_t sync_us_p99 = 0;
    int64_t sync_us_max = 0;
};

class Log final : public engine::CommitSink {
public:
    struct Options {
        FsyncPolicy policy = FsyncPolicy::kAlways;
        bool timestamps = false;                          // aof-timestamp-enabled
        bool prefill = true;                              // the window; only used under kAlways
        bool write_through_ring = false;                  // aof-inline-writes no
        uint64_t window_bytes = 2 * 1024 * 1024;          // written ahead at a time
        uint64_t max_unwritten_bytes = 64 * 1024 * 1024;  // past it: back-pressure
        uint64_t increment_bytes = 0;  // open the next increment past it; 0: never
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
    uint64_t appended_offset() const override { return appended_offset_; }
    // kAlways: the durable offset. Otherwise everything appended (nothing is held).
    uint64_t released_offset() const override;

    // Durable by a completed sync, whatever the policy. WAITAOF waits for this one.
    uint64_t durable_offset() const { return durable_offset_; }
    uint64_t pending_bytes() const { return appended_offset_ - durable_offset_; }

    // Once a turn, after the commands and before replies are sent: seals and writes the open group
    // and starts a sync when the policy wants one and none is running.
    void end_of_turn();
    // Ten times a second: everysec's clock, retries after ENOSPC, the watchdog.
    void tick();

    // False: writes are refused with misconf_text(); reads go on.
    bool writable() const { return refusal_.empty(); }
    std::string_view misconf_text() const {
        return refusal_;
    }  // "MISCONF Errors writing to the AOF file: ..."
    // True past max_unwritten_bytes: do not read from connections that write until it drains.
    bool over_limit() const;

    void set_policy(FsyncPolicy policy);
    FsyncPolicy policy() const;
    void set_timestamps(bool on);

    // Opens the next increment: old one synced, manifest durable, then the first write to the new
    // one. Appends go on meanwhile.
    void start_next_increment();

    // Clean stop: writes and syncs everything, cuts the file to size. Blocks; the loop has ended.
    Status close();

    const LogStats& stats() const;

    struct Writer;  // the current increment and what is in flight on it

private:
    uint64_t appended_offset_ = 0;
    uint64_t durable_offset_ = 0;
    std::string refusal_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace tidemark::aof
