#include "tools/rdb_check/unpacked_input.h"

#include <algorithm>

#include "base/buffer.h"
#include "rdb/codec/blob.h"
#include "rdb/codec/lzf_stream.h"
#include "rdb/codec/pack.h"
#include "rdb/codec/primitives.h"
#include "tools/rdb_check/input_from.h"

namespace tidemark::rdb_check {

namespace {

constexpr char kBeginsNothing = '\xf5';

// An instruction at a time: unpacking in larger steps, what comes out together with the damage
// would be lost.
std::string unpack_prefix(std::string_view packed, uint64_t size) {
    rdb::LzfStream lzf;
    lzf.begin(size);
    std::string text;
    auto state = rdb::LzfStream::State::kHasOutput;
    while (state == rdb::LzfStream::State::kHasOutput) {
        size_t used = 0;
        state = lzf.unpack(packed, used, 1);
        packed.remove_prefix(used);
        text += lzf.output();
        lzf.consume(lzf.output().size());
    }
    return text;
}

}  // namespace

Result<std::optional<UnpackedInput>> UnpackedInput::make(rdb::Input& input, uint64_t begin,
                                                         Filling filling) {
    InputFrom rest(input, begin);
    rdb::Primitives in(rest);
    const Result<rdb::StringHead> head = in.string_head();
    if (!head && head.error().code == ErrorCode::kIo) return fail(head.error());
    // It may be the head itself that is damaged.
    const bool is_compressed = head && head->form == rdb::StringHead::Form::kCompressed;
    if (!is_compressed || std::max(head->size, head->packed) > rdb::kWholeBlobMax)
        return std::optional<UnpackedInput>();
    const uint64_t end = begin + in.offset() + head->packed;
    std::string text = unpack_prefix(TM_TRY(in.source().take(head->packed)), head->size);
    if (filling == Filling::kToSize) text.resize(head->size, kBeginsNothing);
    Buffer plain;
    rdb::pack_raw_string(plain, text);
    return std::optional(UnpackedInput(input, begin, end, std::string(plain.view())));
}

Result<size_t> UnpackedInput::read_at(char* to, size_t length, uint64_t offset) {
    if (offset < begin_)
        return input_->read_at(to, std::min<uint64_t>(length, begin_ - offset), offset);
    const uint64_t within = offset - begin_;
    if (within >= text_.size()) return input_->read_at(to, length, end_ + (within - text_.size()));
    return text_.copy(to, length, within);
}

}  // namespace tidemark::rdb_check
