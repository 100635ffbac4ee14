// What keys, values and opcodes are made of: integers, lengths, strings. Each function takes its
// bytes from the source or says at which offset they are wrong.
//
// An error is accompanied by a finding, which says the same to a program; none accompanies errors
// of the input itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/result.h"
#include "rdb/codec/byte_source.h"
#include "rdb/codec/finding.h"

namespace tidemark::rdb {

// The longest name of a key, AUX field or library: Redis's limit of a string.
inline constexpr uint64_t kNameBytesMax = 512 * 1024 * 1024;

// What stands in front of a string's bytes.
struct StringHead {
    enum class Form : uint8_t { kPlain, kInteger, kCompressed };
    Form form = Form::kPlain;
    int64_t integer = 0;
    uint64_t packed = 0;  // bytes that follow in the file; 0 for an integer
    uint64_t size = 0;    // of the string; of an integer, spelled out
    uint64_t begin = 0;   // offset of the head
};

enum class ServerLooks : uint8_t { kYes, kNo };

class Primitives {
public:
    explicit Primitives(Input& input) : source_(input) {}

    ByteSource& source() { return source_; }
    uint64_t offset() const { return source_.offset(); }

    Result<uint8_t> byte() { return source_.byte(); }
    Result<int32_t> int32();
    Result<int64_t> int64();
    Result<double> binary_double();
    Result<uint64_t> length();
    // The same where Redis takes the largest number for an error.
    Result<uint64_t> length_below_max();
    // How many things of at least `least_bytes` follow; more than can follow is an error.
    Result<uint64_t> count(uint64_t least_bytes);

    // The hot path: a plain string that lies in the window. false: string() knows the others.
    bool try_plain(std::string_view& bytes);
    // Whatever its encoding, as text, up to kNameBytesMax. Valid until the next call.
    Result<std::string_view> string();
    Result<StringHead> string_head();
    // The bytes behind the head, whole.
    Result<std::string_view> string_body(const StringHead& head);
    // Framing alone.
    Status skip_string();

    // The finding [begin, here) and its error.
    tl::unexpected<Error> bad(FindingCode code, uint64_t begin, std::string what,
                              std::optional<ServerDoes> server = std::nullopt);
    // Whether what is being read is the inside of a packed form, which a server with
    // sanitize-dump-payload no, the default, takes as it comes. Findings say so.
    void set_looks(ServerLooks looks) { looks_ = looks; }
    const std::optional<Finding>& finding() const { return finding_; }
    void forget_finding() { finding_.reset(); }

    // Lengths that are longer than they need be. Counted, not refused.
    uint64_t noncanonical_lengths() const { return noncanonical_; }

private:
    template <class T>
    Result<T> integer();
    Result<uint64_t> length_after(uint8_t first, uint64_t begin);
    Result<StringHead> encoded_head(uint8_t kind, uint64_t begin);
    Result<std::string_view> unpack(const StringHead& head);

    ByteSource source_;
    Buffer unpacked_;
    char digits_[kMaxInt64Chars];
    std::optional<Finding> finding_;
    uint64_t noncanonical_ = 0;
    ServerLooks looks_ = ServerLooks::kYes;
};

inline bool Primitives::try_plain(std::string_view& bytes) {
    constexpr size_t kLength6Max = 63;
    const size_t available = source_.available();
    if (available < 2) return false;
    const auto* at = reinterpret_cast<const unsigned char*>(source_.at());
    size_t head = 1;
    size_t length = at[0];
    if (length > kLength6Max) {
        if (length >= 0x80) return false;
        length = (length & 63) << 8 | at[1];
        head = 2;
        if (length <= kLength6Max) return false;
    }
    if (available - head < length) return false;
    bytes = {source_.at() + head, length};
    source_.advance(head + length);
    return true;
}

// For messages: cut when long, and nothing in it that a terminal would act upon.
std::string printable(std::string_view bytes);

}  // namespace tidemark::rdb
