#include "rdb/codec/blob.h"

#include <algorithm>

namespace tidemark::rdb {

namespace {

// A step through a blob that is not held.
constexpr size_t kStepBytes = 64 * 1024;
// An instruction of LZF is no longer than this.
constexpr size_t kLzfInstructionMax = 33;

}  // namespace

Status Blob::open(const StringHead& head, uint64_t whole_max) {
    head_ = head;
    body_begin_ = in_.offset();
    at_ = nullptr;
    available_ = lent_ = 0;
    step_ = kStepBytes;
    whole_ = {};
    if (head.form == StringHead::Form::kInteger || std::max(head.size, head.packed) <= whole_max) {
        mode_ = Mode::kWhole;
        whole_ = TM_TRY(in_.string_body(head));
        head_.size = left_ = available_ = whole_.size();
        at_ = whole_.data();
        return {};
    }
    mode_ = head.form == StringHead::Form::kPlain ? Mode::kPlain : Mode::kCompressed;
    left_ = head.size;
    packed_left_ = head.packed;
    lzf_.begin(head.size);
    return {};
}

Status Blob::open_to_peek(const StringHead& head) {
    TM_CHECK(open(head, 0));
    step_ = 1;
    return {};
}

uint64_t Blob::file_offset() const {
    if (head_.form != StringHead::Form::kPlain) return head_.begin;
    return body_begin_ + (head_.size - left_);
}

tl::unexpected<Error> Blob::cannot_unpack() {
    return in_.bad(FindingCode::kBadString, head_.begin, "a compressed string cannot be unpacked");
}

Status Blob::refill(size_t bytes) {
    if (mode_ == Mode::kCompressed) return refill_compressed(bytes);
    ByteSource& source = in_.source();
    source.advance(lent_ - available_);
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(left_, std::max(bytes, step_)));
    TM_CHECK(source.look_ahead(wanted));
    lent_ = available_ = std::min<uint64_t>(left_, source.available());
    at_ = source.at();
    if (available_ >= std::min<uint64_t>(bytes, left_)) return {};
    TM_TRY(source.take(left_));  // says that there are not as many
    return {};
}

Status Blob::refill_compressed(size_t bytes) {
    lzf_.consume(lent_ - available_);
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(left_, std::max(bytes, step_)));
    ByteSource& source = in_.source();
    while (true) {
        const auto packed =
            static_cast<size_t>(std::min<uint64_t>(source.available(), packed_left_));
        size_t used = 0;
        const LzfStream::State state = lzf_.unpack({source.at(), packed}, used, wanted);
        source.advance(used);
        packed_left_ -= used;
        if (state == LzfStream::State::kDamaged) return cannot_unpack();
        if (state != LzfStream::State::kNeedsInput) break;
        // What the window has is the beginning of an instruction at most.
        const size_t before = packed - used;
        if (before == packed_left_) return cannot_unpack();
        TM_CHECK(source.look_ahead(
            static_cast<size_t>(std::min<uint64_t>(packed_left_, kLzfInstructionMax))));
        if (source.available() <= before) TM_TRY(source.take(packed_left_));
    }
    lent_ = available_ = std::min<uint64_t>(left_, lzf_.output().size());
    at_ = lzf_.output().data();
    return {};
}

Status Blob::rewind() {
    if (is_whole()) {
        at_ = whole_.data();
        left_ = available_ = whole_.size();
        return {};
    }
    in_.source().seek(body_begin_);
    return open(head_, 0);
}

Status Blob::close() {
    if (mode_ == Mode::kPlain) in_.source().advance(lent_ - available_);
    if (mode_ == Mode::kCompressed && packed_left_ > 0) return cannot_unpack();
    lent_ = available_;
    return {};
}

}  // namespace tidemark::rdb
