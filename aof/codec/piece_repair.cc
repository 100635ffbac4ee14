#include "aof/codec/piece_repair.h"

#include <array>

#include "aof/codec/annotation.h"
#include "base/crc64.h"

namespace tidemark::aof {

namespace {

constexpr size_t kCrcDigits = 16;

// The checksum run over one zero byte is linear and one to one; this undoes it.
class Backwards {
public:
    Backwards() {
        for (unsigned i = 0; i < 256; ++i) {
            const char byte = static_cast<char>(i);
            table_[i] = crc64({&byte, 1});
            by_top_[table_[i] >> 56] = static_cast<uint8_t>(i);
        }
    }

    // crc' = table[crc & 255] ^ crc >> 8, and the top byte of crc' is that of the table's entry.
    uint64_t step(uint64_t crc) const {
        const uint8_t low = by_top_[crc >> 56];
        return (crc ^ table_[low]) << 8 | low;
    }
    // The single byte that has this checksum; 0: none.
    uint8_t byte_of(uint64_t crc) const {
        const uint8_t byte = by_top_[crc >> 56];
        return table_[byte] == crc ? byte : 0;
    }

private:
    std::array<uint64_t, 256> table_{};
    std::array<uint8_t, 256> by_top_{};
};

struct Wrong {
    size_t at;  // in the piece
    char right;
};

// Where one byte of `covered`, which should have the checksum `wanted`, is wrong.
std::optional<Wrong> locate(std::string_view line, std::string_view body, uint64_t wanted) {
    const Backwards backwards;
    uint64_t syndrome = seal_crc(line, body) ^ wanted;
    const size_t covered = kSealCheckedBytes + body.size();
    for (size_t i = covered; i-- > 0;) {
        if (const uint8_t error = backwards.byte_of(syndrome); error != 0) {
            const bool in_line = i < kSealCheckedBytes;
            const size_t at = in_line ? i : i - kSealCheckedBytes + kSealBytes;
            const char wrong = in_line ? line[i] : body[i - kSealCheckedBytes];
            return Wrong{at, static_cast<char>(wrong ^ static_cast<char>(error))};
        }
        syndrome = backwards.step(syndrome);
    }
    return std::nullopt;
}

// The seal that belongs here but for its checksum, and where its text differs from what is there.
std::optional<Wrong> wrong_in_line(std::string_view piece) {
    const std::string_view body = piece.substr(kSealBytes);
    std::string line(piece.substr(0, kSealBytes));
    line.replace(kSealBytes - 2, 2, "\r\n");
    // The digits of the checksum, computed from the rest.
    const uint64_t crc = seal_crc(line, body);
    for (size_t i = 0; i < kCrcDigits; ++i)
        line[kSealCheckedBytes + i] = "0123456789abcdef"[crc >> (60 - 4 * i) & 15];
    std::optional<Wrong> wrong;
    for (size_t i = 0; i < kSealBytes; ++i) {
        if (line[i] == piece[i]) continue;
        if (wrong) return std::nullopt;
        wrong = Wrong{i, line[i]};
    }
    return wrong;
}

}  // namespace

Result<std::optional<RepairedPiece>> repair_piece(ByteSource& source, uint64_t at, uint64_t end) {
    std::optional<RepairedPiece> none;
    if (end < at + kSealBytes || end - at - kSealBytes > kRepairBytesMax || end > source.size())
        return none;
    std::string piece(end - at, '\0');
    if (TM_TRY(source.read_at(piece.data(), piece.size(), at)) != piece.size()) return none;
    const auto fits = [&] {
        const auto seal = parse_seal(std::string_view(piece).substr(0, kSealBytes));
        return seal && seal->offset == at && seal->length == piece.size() - kSealBytes &&
               seal->crc == seal_crc(piece, std::string_view(piece).substr(kSealBytes));
    };
    std::optional<Wrong> wrong = wrong_in_line(piece);
    if (!wrong) {
        // The checksum's digits as they stand, in a line whose other fields may not even parse.
        std::string line(kSealBytes, '\0');
        write_seal(line.data(), 0, 0, {});
        line.replace(kSealCheckedBytes, kCrcDigits, piece, kSealCheckedBytes, kCrcDigits);
        const auto written = parse_seal(line);
        if (written)
            wrong = locate(piece, std::string_view(piece).substr(kSealBytes), written->crc);
    }
    if (!wrong) return none;
    piece[wrong->at] = wrong->right;
    if (!fits()) return none;
    return std::optional<RepairedPiece>({std::move(piece), at + wrong->at, wrong->right});
}

}  // namespace tidemark::aof
