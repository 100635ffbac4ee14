#include "aof/increment_file.h"

#include <algorithm>
#include <cstring>

#include "aof/codec/annotation.h"
#include "aof/group_buffer.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

// Written in about 30 us: no turn notices.
constexpr uint64_t kSliceBytes = 128 * 1024;

// Dropped in multiples of so much, some 50 us of the kernel's time. Not less than a large folio:
// one that a call covers in part stays.
constexpr uint64_t kDropBytes = 512 * 1024;

// What turns the rest of an overwritten fill line into a comment of its own, for a group that ends
// at `end` in a window up to `window_end`.
std::string_view tail_for(uint64_t end, uint64_t window_end) {
    if (end >= window_end) return {};
    // The last line has no room for a comment: the file grows by a byte or two.
    if (window_end - end < 3) return "#\r\n";
    // On the line's CR: its LF alone would end a line without CR, so both become comment.
    if (end % kFillLineBytes == kFillLineBytes - 2) return "##";
    return "#";
}

}  // namespace

Status IncrementFile::write(std::string_view bytes, char* tail) {
    const uint64_t end = position_ + bytes.size();
    const std::string_view comment = tail_for(end, window_end_);
    if (comment.empty()) {
        TM_CHECK(file_->write_at(bytes, position_));
    } else if (tail != nullptr) {
        std::memcpy(tail, comment.data(), comment.size());
        TM_CHECK(file_->write_at({bytes.data(), bytes.size() + comment.size()}, position_));
    } else {
        TM_CHECK(file_->write_at(bytes, position_));
        TM_CHECK(file_->write_at(comment, end));
    }
    if (!comment.empty()) window_end_ = std::max(window_end_, end + comment.size());
    position_ = end;
    return {};
}

Status IncrementFile::extend_window(uint64_t window_bytes) {
    if (window_left() < window_bytes / 2) extending_ = true;
    if (!extending_) return {};
    const uint64_t from = fill_end();
    const uint64_t wanted = std::min(position_ + window_bytes, from + kSliceBytes);
    const uint64_t to =
        std::max(wanted / kFillLineBytes * kFillLineBytes, fill_boundary_after(from));
    TM_CHECK(write_fill_up_to(to));
    if (window_left() + kFillLineBytes >= window_bytes) {
        extending_ = false;
        slice_.release();
    }
    return {};
}

Status IncrementFile::fill_folio(uint64_t bytes, uint64_t folio_bytes) {
    TM_ASSERT(folio_bytes <= kDropBytes);
    if (bytes > folio_bytes || window_left() >= bytes + kTailRoom) return {};
    const uint64_t from = fill_boundary_after(fill_end());
    return write_fill_up_to((from + folio_bytes - 1) / folio_bytes * folio_bytes);
}

Status IncrementFile::write_fill_up_to(uint64_t to) {
    const uint64_t from = fill_end();
    // Fill ends at a line's end: its length says what it is.
    if (slice_.size() != to - from) {
        slice_.clear();
        write_fill(slice_.reserve(to - from), from, to);
        slice_.commit(to - from);
    }
    TM_CHECK(file_->write_at(slice_.view(), from));
    window_end_ = to;
    return {};
}

bool IncrementFile::takes_direct(uint64_t bytes) {
    if (direct_ == Direct::kRefused || bytes > DirectImage::kGroupBytesMax) return false;
    if (DirectImage::block_end(position_ + bytes + kTailRoom) > settled_end_) return false;
    if (direct_ == Direct::kUntried) {
        direct_ = file_->open_direct() ? Direct::kPossible : Direct::kRefused;
    }
    return direct_ == Direct::kPossible;
}

void IncrementFile::start_direct(io::Operation& done) {
    image_.finish(tail_for(image_.end(), window_end_));
    file_->start_direct_write(image_.bytes(), image_.offset(), done);
}

void IncrementFile::note_durable(uint64_t position) {
    const uint64_t whole = position / kDropBytes * kDropBytes;
    if (whole <= dropped_) return;
    file_->drop_cached(dropped_, whole - dropped_);
    dropped_ = whole;
}

Status IncrementFile::cut() {
    window_end_ = syncing_end_ = settled_end_ = 0;
    extending_ = false;
    return file_->truncate(position_);
}

}  // namespace tidemark::aof
