// Dumps as a real server wrote them, what is in them, and how to mend them without a process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/codec/dump_writer.h"
#include "tests/rdb_check/redis_oracle.h"
#include "tools/rdb_check/diagnosis.h"
#include "tools/rdb_check/rewrite.h"

namespace tidemark::rdb_check {

// Keys of every type and encoding that redis-server 7.0 has, small, in three dbs, some with expiry.
std::string dump_of_all_types(tools::RedisOracle& redis);

// The same records, framed anew.
std::string framed_again(std::string_view dump, rdb::Sealing sealing, uint64_t segment_bytes);
std::string without_checksum(std::string dump);

struct RecordBytes {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t keys = 0;  // 1, or 0 for what is no key
    bool is_select = false;
    std::string name;  // "db/name" of a key
    std::string bytes;
    bool operator==(const RecordBytes&) const = default;
};
std::vector<RecordBytes> records_of(std::string_view dump);
// "db/name" -> the record's bytes.
std::map<std::string, std::string> keys_of(std::string_view dump);

struct Mended {
    bool is_dump = true;
    std::string dump;
    RewriteResult result;
    CheckSummary found;  // before anything was restored
    uint64_t restored = 0;
    std::vector<std::string> codes;  // of findings, in order
};
// With a space behind each.
std::string joined(const std::vector<std::string>& words);
Mended mend(std::string_view dump, Restore restore,
            DamagedValues damaged = DamagedValues::kLeaveOut);

struct Checked {
    CheckSummary summary;
    std::vector<rdb::Finding> findings;
    bool has(rdb::FindingCode code) const;
    bool has_errors() const;
};
// With so many threads.
Checked check(std::string_view dump, unsigned jobs = 1);

}  // namespace tidemark::rdb_check
