// Writes a log file anew, record by record: sealed as the server seals, or plain as Redis has it.
//
// The file becomes visible when all of it is durable (its writer renames it then), so each seal
// says that everything before it was synced, and the file ends with an empty seal, as a clean stop
// leaves it. A transaction that does not fit into a piece begins one (docs/log-format.md).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"

namespace tidemark::aof {

enum class Sealing : uint8_t { kPlain, kSealed };
// What a record is to transactions.
enum class TransactionPart : uint8_t { kNone, kMulti, kExec };

class SealedWriter {
public:
    using Write = std::function<Status(std::string_view)>;

    SealedWriter(Sealing sealing, Write write) : sealing_(sealing), write_(std::move(write)) {}

    // A whole record or `#` line, CRLF included.
    Status add(std::string_view bytes, TransactionPart part = TransactionPart::kNone);
    // The same in parts, for a record that is not held in memory: begin_long, its bytes, end_long.
    // `crc_of` is asked for the checksum of the parts to come, which starts from its argument.
    Status begin_long(uint64_t bytes, const std::function<Result<uint64_t>(uint64_t)>& crc_of);
    Status add_long(std::string_view bytes);
    // Everything is written, the last seal included.
    Status finish();

    uint64_t offset() const { return offset_; }

private:
    static constexpr size_t kPieceBytes = 256 * 1024;
    static constexpr size_t kNoMulti = SIZE_MAX;

    Status close_piece(size_t bytes);

    Sealing sealing_;
    Write write_;
    Buffer piece_;
    size_t multi_at_ = kNoMulti;  // in the piece, of the MULTI that is open
    uint64_t offset_ = 0;
};

}  // namespace tidemark::aof
