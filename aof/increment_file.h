// The increment that is being written: where the next group goes, and the prefilled window ahead.
//
// The window is fill (see aof/codec/annotation.h) that was written and synced in advance, so that a
// group overwrites existing blocks and its sync is one flush, not two. Groups overwrite it from the
// front. What is left of the overwritten line must stay a comment, hence one `#` behind each group.
//
// Where the window is durable, a group can go into it past the page cache, and is durable when it
// is written: one operation instead of a write and a sync.
//
// Invariants:
// 1. The file is [groups of ours, position() bytes][fill]; every line of the fill ends in CRLF.
// 2. A window's end only moves when the window was written to there.
// 3. A direct write stays in front of settled_end_, where a sync has found fill.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aof/direct_image.h"
#include "base/buffer.h"
#include "base/result.h"
#include "io/disk.h"

namespace tidemark::aof {

class IncrementFile {
public:
    // `position`: the file's size, where the next group goes.
    IncrementFile(std::unique_ptr<io::File> file, std::string path, uint64_t position)
        : file_(std::move(file)), path_(std::move(path)), position_(position) {}

    // Appends whole groups. `tail`: kTailRoom bytes directly behind `bytes` that this call may
    // scribble on to save a write, or nullptr. On failure position() stands still and what the file
    // holds behind it is unknown.
    Status write(std::string_view bytes, char* tail);
    // For bytes that were written at position() by other means.
    void advance(uint64_t bytes) { position_ += bytes; }
    // Writes fill ahead, at most one slice a call, while less than half of `window_bytes` is left
    // and until all of it is there.
    Status extend_window(uint64_t window_bytes);
    // A window for the page cache's sake, behind a group of `bytes`: where another one does not
    // fit, fill up to a multiple of `folio_bytes` (a power of two). Written in one go it gets one
    // large folio; groups that end anywhere get many small ones, each with a price of its own. A
    // group that is larger than that has large ones anyway.
    Status fill_folio(uint64_t bytes, uint64_t folio_bytes);
    // A sync of the file begins, and has succeeded: the fill that it found is durable.
    void on_sync_start() { syncing_end_ = window_end_; }
    void on_sync_done() { settled_end_ = syncing_end_; }
    // A window that is there as a whole, and that no sync has seen.
    bool window_is_new() const {
        return direct_ != Direct::kRefused && !extending_ && settled_end_ < window_end_;
    }

    // Whether so many bytes of groups can go past the page cache. Only when all that was written is
    // durable.
    bool takes_direct(uint64_t bytes);
    // Begins that: take_direct() for all of them, then start_direct(), and end_direct() once `done`
    // has completed with direct_bytes().
    Status begin_direct() { return image_.begin(*file_, position_); }
    void take_direct(std::string_view bytes) { image_.add(bytes); }
    void start_direct(io::Operation& done);
    size_t direct_bytes() const { return image_.bytes().size(); }
    void end_direct() { position_ = image_.end(); }

    // Everything before `position` is durable, and nobody reads it before the next start: now and
    // then the kernel is told so. Without, each new page of the log is memory that was not in use
    // before; with it the same few are used in turn.
    void note_durable(uint64_t position);
    // Gives back what is kept for reuse; for quiet times.
    void release_spare() { slice_.release(); }
    // Makes position() the end of the file.
    Status cut();

    uint64_t position() const { return position_; }
    uint64_t window_left() const { return fill_end() - position_; }
    const std::string& path() const { return path_; }
    io::File& file() { return *file_; }

private:
    enum class Direct : uint8_t { kUntried, kPossible, kRefused };

    // Where the next fill goes.
    uint64_t fill_end() const { return std::max(window_end_, position_); }
    Status write_fill_up_to(uint64_t to);

    std::unique_ptr<io::File> file_;
    std::string path_;
    uint64_t position_;
    uint64_t window_end_ = 0;  // file offset; at or before position_: no window
    bool extending_ = false;
    uint64_t syncing_end_ = 0;  // where the window ended when the newest sync began
    uint64_t settled_end_ = 0;  // the window is durable up to here
    Direct direct_ = Direct::kUntried;
    DirectImage image_;
    uint64_t dropped_ = 0;  // the kernel was told of everything before
    Buffer slice_;          // the fill that was written last
};

}  // namespace tidemark::aof
