// Says what differs, key by key with its name and types, in text and in JSON.
//
//   - db 0 hash "gone"                              only in the first
//   ~ db 0 hash "other"                             with another value
//   ~ db 0 hash "other", a list in the second
//   t db 0 hash "later": expires at 1700000000000, never in the second
//   ? db 0 hash "open"                              may differ: it cannot be told
//   + db 0 hash "new"                               only in the second
#pragma once

#include <string>
#include <string_view>

#include "rdb/codec/format.h"
#include "tools/common/session.h"
#include "tools/dump_diff/diff.h"
#include "tools/dump_diff/key_finder.h"

namespace tidemark::rdb_check {

// One file, and what is looked up in it again.
struct ComparedFile {
    ComparedFile(tools::Source& source, const std::string& folder)
        : marks(source, folder), places(source) {}
    std::string_view type_of(const FoundKey& place) const;

    DiffSide marks;
    KeyFinder places;
    rdb::Dialect dialect = rdb::Dialect::kRedis;
};

class DifferenceTeller {
public:
    DifferenceTeller(tools::Session& session, ComparedFile& first, ComparedFile& second)
        : session_(session), first_(first), second_(second) {}

    // Every difference, in the form that the user chose.
    Status tell(const Differences& differences);

private:
    struct Told {
        std::string name;
        std::string_view first_type;   // empty: not there
        std::string_view second_type;  // empty: not there
    };
    Result<Told> look_up(const Difference& difference);
    Status line(const Difference& difference);
    void library_lines(const Differences& differences);
    Status json(const Differences& differences);
    static void json_one(tools::JsonFile& json, const Difference& difference, const Told& told);

    tools::Session& session_;
    ComparedFile& first_;
    ComparedFile& second_;
};

// The JSON document's "summary".
void tell_counts(tools::Session& session, const DiffCounts& counts);
// "differs from other.rdb: 1 removed, 0 added, ..."
std::string sentence_of(const Differences& differences, const std::string& second);

}  // namespace tidemark::rdb_check
