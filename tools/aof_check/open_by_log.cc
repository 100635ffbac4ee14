#include "tools/aof_check/open_by_log.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "tools/aof_check/file_check.h"

namespace tidemark::aof_check {

namespace {

constexpr size_t kFarReachesTold = 100;

}  // namespace

Status OpenByLog::read(tools::Session& session, const ChainFile& file, uint64_t start,
                       uint64_t end) {
    const auto bytes = TM_TRY(open_log(session, file));
    HeadOf head(*bytes, end);
    const bool promised = file.entry.find(aof::kSealsKey).has_value();
    aof::LogWalk walk(head, {start, promised, aof::Hold::kBounded, false});
    db_ = 0;
    for (uint64_t items = 0;; ++items) {
        if (items % tools::kItemsBetweenLooks == 0) TM_CHECK(session.stop().check());
        const aof::Item item = TM_TRY(walk.next());
        if (item.kind == aof::ItemKind::kEnd) break;
        if (item.kind == aof::ItemKind::kRecord) TM_CHECK(take(file, item, walk.args_of(item)));
        walk.release();
    }
    return bytes->source().check_unchanged();
}

Status OpenByLog::take(const ChainFile& file, const aof::Item& item,
                       std::span<const std::string_view> args) {
    ++records_;
    if (judge_.refusal(args, item.args_total)) return {};
    if (same_word(args[0], "select")) db_ = parse_uint64(args[1]).value_or(db_);
    aof::find_written(*judge_.row(), item, args, db_, written_);
    switch (written_.reach) {
        case aof::Reach::kNothing:
            break;
        case aof::Reach::kLibraries:
            are_libraries_open_ = true;
            break;
        case aof::Reach::kKeys:
            for (const aof::WrittenKey& key : written_.keys) TM_CHECK(keys_.add(key.db, key.name));
            break;
        case aof::Reach::kDatabases:
            for (const uint64_t db : written_.dbs) {
                note(file, item, db);
                keys_.add_db(db);
            }
            break;
        case aof::Reach::kEverything:
            note(file, item, std::nullopt);
            keys_.add_everything();
            break;
    }
    return {};
}

void OpenByLog::note(const ChainFile& file, const aof::Item& item, std::optional<uint64_t> db) {
    const bool is_known = std::any_of(far_reaches_.begin(), far_reaches_.end(),
                                      [&](const FarReach& one) { return one.db == db; });
    if (is_known || (db && far_reaches_.size() >= kFarReachesTold)) return;
    far_reaches_.push_back({std::string(judge_.row()->name), file.name, item.offset, db});
}

}  // namespace tidemark::aof_check
