#include "tools/rdb_check/dump_head.h"

#include <fmt/format.h>

#include <array>

#include "base/number.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kTailBytes = 1 + 8;

}  // namespace

std::string DumpHead::name() const {
    return fmt::format("{} dump, version {}", dialect == rdb::Dialect::kValkey ? "Valkey" : "Redis",
                       version);
}

bool DumpHead::is_known() const {
    if (dialect == rdb::Dialect::kValkey) return version == rdb::kValkeyVersion;
    return version >= 1 && version <= rdb::kRedisVersionMax;
}

Result<DumpHead> read_dump_head(rdb::Primitives& in) {
    if (in.source().remaining() == 0) return fail(ErrorCode::kTruncated, "it is empty");
    if (in.source().remaining() < rdb::kHeadBytes) {
        return fail(ErrorCode::kCorrupt, "it is too short for a Redis dump");
    }
    const std::string_view bytes = TM_TRY(in.source().take(rdb::kHeadBytes));
    DumpHead head;
    std::string_view digits;
    if (bytes.starts_with(rdb::kRedisMagic)) {
        digits = bytes.substr(rdb::kRedisMagic.size());
    } else if (bytes.starts_with(rdb::kValkeyMagic)) {
        head.dialect = rdb::Dialect::kValkey;
        digits = bytes.substr(rdb::kValkeyMagic.size());
    } else {
        return fail(ErrorCode::kCorrupt,
                    "it is not a Redis dump: it does not begin with REDIS or VALKEY");
    }
    for (const char c : digits) {
        if (c < '0' || c > '9') {
            return fail(ErrorCode::kCorrupt, "its version is not a number");
        }
        head.version = 10 * head.version + (c - '0');
    }
    if (head.version == 0) return fail(ErrorCode::kCorrupt, "its version is 0");
    return head;
}

Result<std::optional<uint64_t>> read_stored_checksum(rdb::Input& input) {
    std::array<unsigned char, kTailBytes> tail{};
    if (input.size() < rdb::kHeadBytes + tail.size()) return std::optional<uint64_t>{};
    const size_t got = TM_TRY(input.read_at(static_cast<char*>(static_cast<void*>(tail.data())),
                                            tail.size(), input.size() - tail.size()));
    if (got < tail.size() || tail[0] != rdb::opcode::kEof) return std::optional<uint64_t>{};
    uint64_t checksum = 0;
    for (size_t i = tail.size(); i-- > 1;) checksum = checksum << 8 | tail[i];
    return std::optional<uint64_t>(checksum);
}

}  // namespace tidemark::rdb_check
