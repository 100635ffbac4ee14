#include "aof/codec/sealed_writer.h"

#include <array>

#include "aof/codec/annotation.h"
#include "base/crc64.h"

namespace tidemark::aof {

Status SealedWriter::add(std::string_view bytes, TransactionPart part) {
    if (sealing_ == Sealing::kPlain) {
        TM_CHECK(write_(bytes));
        offset_ += bytes.size();
        return {};
    }
    if (!piece_.empty() && piece_.size() + bytes.size() > kPieceBytes) {
        const bool cut_before_multi = multi_at_ != kNoMulti && multi_at_ > 0;
        TM_CHECK(close_piece(cut_before_multi ? multi_at_ : piece_.size()));
    }
    if (part == TransactionPart::kMulti) multi_at_ = piece_.size();
    if (part == TransactionPart::kExec) multi_at_ = kNoMulti;
    piece_.append(bytes);
    return {};
}

Status SealedWriter::begin_long(uint64_t bytes,
                                const std::function<Result<uint64_t>(uint64_t)>& crc_of) {
    if (sealing_ == Sealing::kPlain) return {};
    if (multi_at_ != kNoMulti && multi_at_ > 0) TM_CHECK(close_piece(multi_at_));
    if (!piece_.empty()) TM_CHECK(close_piece(piece_.size()));
    std::array<char, kSealBytes> line;
    const std::string_view text(line.data(), line.size());
    write_seal_text(line.data(), {offset_, bytes, offset_, 0});
    const uint64_t crc = TM_TRY(crc_of(crc64(text.substr(0, kSealCheckedBytes))));
    write_seal_text(line.data(), {offset_, bytes, offset_, crc});
    TM_CHECK(write_(text));
    offset_ += line.size();
    return {};
}

Status SealedWriter::add_long(std::string_view bytes) {
    TM_CHECK(write_(bytes));
    offset_ += bytes.size();
    return {};
}

Status SealedWriter::close_piece(size_t bytes) {
    std::array<char, kSealBytes> line;
    const std::string_view body = piece_.view().substr(0, bytes);
    write_seal(line.data(), offset_, offset_, body);
    TM_CHECK(write_({line.data(), line.size()}));
    TM_CHECK(write_(body));
    offset_ += line.size() + bytes;
    piece_.consume(bytes);
    if (multi_at_ != kNoMulti) multi_at_ = multi_at_ >= bytes ? multi_at_ - bytes : 0;
    return {};
}

Status SealedWriter::finish() {
    if (sealing_ == Sealing::kPlain) return {};
    if (!piece_.empty()) TM_CHECK(close_piece(piece_.size()));
    return offset_ == 0 ? Status() : close_piece(0);
}

}  // namespace tidemark::aof
