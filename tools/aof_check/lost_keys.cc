#include "tools/aof_check/lost_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/resync.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

void note_key(LostKeys& lost, std::string_view key) {
    if (std::find(lost.keys.begin(), lost.keys.end(), key) != lost.keys.end()) return;
    if (lost.keys.size() < kLostKeysListed) {
        lost.keys.emplace_back(key);
    } else {
        lost.there_are_more = true;
    }
}

}  // namespace

Result<LostKeys> lost_keys(aof::ByteSource& source, uint64_t begin, uint64_t end, Judge judge,
                           const tools::StopFlag& stop) {
    LostKeys lost;
    aof::SearchBudget budget(end - begin);
    while (begin < end) {
        TM_CHECK(stop.check());
        aof::Scanner scanner(source, begin, end, aof::Hold::kBounded);
        aof::Item item;
        while (true) {
            item = scanner.next();
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            if (item.kind == aof::ItemKind::kEnd || item.kind == aof::ItemKind::kProblem) break;
            if (item.kind == aof::ItemKind::kRecord) {
                const auto args = scanner.args_of(item);
                ++lost.records;
                const bool fits = !judge.refusal(args, item.args_total);
                const auto key = fits ? first_key(*judge.row(), args) : std::nullopt;
                if (key) note_key(lost, *key);
            }
            scanner.release();
        }
        if (item.kind == aof::ItemKind::kEnd) break;
        const auto next = TM_TRY(aof::none_at_limit(
            aof::find_record(source, item.offset + 1, end, judge.names(), budget)));
        if (!next) break;
        begin = *next;
    }
    return lost;
}

std::string describe(const LostKeys& lost) {
    if (lost.records == 0) return {};
    std::string text = fmt::format(": {}", tools::format_count(lost.records, "whole record"));
    for (size_t i = 0; i < lost.keys.size(); ++i) {
        text += i == 0 ? (lost.keys.size() == 1 ? ", key " : ", keys ") : ", ";
        text += fmt::format("\"{}\"", tools::escape_short(lost.keys[i]));
    }
    if (lost.there_are_more) text += " and more";
    return text;
}

}  // namespace tidemark::aof_check
