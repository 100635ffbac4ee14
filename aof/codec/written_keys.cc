#include "aof/codec/written_keys.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"

namespace tidemark::aof {

namespace {

class Finder {
public:
    Finder(const CommandName& row, const Item& item, std::span<const std::string_view> args,
           uint64_t db, Written& written)
        : row_(row), item_(item), args_(args), db_(db), written_(written) {
        written_.reach = Reach::kNothing;
        written_.keys.clear();
        written_.dbs.clear();
    }

    void nothing() {}
    void libraries() { written_.reach = Reach::kLibraries; }
    void everything() { written_.reach = Reach::kEverything; }

    void whole_db() { take_db(db_); }
    void two_dbs() {
        for (const size_t at : {1, 2}) {
            const auto db = number(at);
            if (!db) return everything();
            take_db(*db);
        }
    }

    // As the row has them.
    void by_row() {
        const auto total = static_cast<int64_t>(item_.args_total);
        const int64_t last = row_.keys.last < 0 ? total + row_.keys.last : row_.keys.last;
        take_range(static_cast<uint64_t>(row_.keys.first), last, row_.keys.step);
    }
    // The others are only read.
    void first_of_row() { take(static_cast<uint64_t>(row_.keys.first), db_); }
    void second() { take(2, db_); }

    void move() {
        by_row();
        take_in_db_of(1, 2);
    }
    // COPY source destination [DB n] [REPLACE]: the source is only read.
    void copy() {
        const auto word = find_word(3, "DB");
        if (!word) return second();
        take_in_db_of(2, *word + 1);
    }
    // Reads the row's key, and writes another one where it is told to.
    void store() {
        if (item_.partial) return everything();
        for (const std::string_view word : {"STORE", "STOREDIST"}) {
            if (const auto at = find_word(2, word)) take(*at + 1, db_);
        }
    }
    void counted_behind_name() { counted(1); }
    void counted_behind_timeout() { counted(2); }
    void streams() {
        const auto at = find_word(4, "STREAMS");
        if (!at) return everything();
        const auto behind = static_cast<int64_t>(item_.args_total - *at - 1);
        take_range(*at + 1, static_cast<int64_t>(*at) + behind / 2, 1);
    }

private:
    // numkeys stands at `at`, the keys behind it.
    void counted(size_t at) {
        const auto keys = number(at);
        if (!keys || *keys > item_.args_total) return everything();
        take_range(at + 1, static_cast<int64_t>(at + *keys), 1);
    }

    void take_range(uint64_t first, int64_t last, int step) {
        for (auto at = static_cast<int64_t>(first); at <= last; at += step) {
            take(static_cast<uint64_t>(at), db_);
            if (written_.reach == Reach::kEverything) return;
        }
    }

    void take(uint64_t at, uint64_t db) {
        if (written_.reach == Reach::kEverything) return;
        if (at >= args_.size() || (item_.partial && args_[at].size() >= kKeptArgBytes))
            return everything();
        written_.reach = Reach::kKeys;
        written_.keys.push_back({db, args_[at]});
    }

    void take_in_db_of(uint64_t at, size_t db_at) {
        const auto db = number(db_at);
        if (!db) return everything();
        take(at, *db);
    }

    void take_db(uint64_t db) {
        written_.reach = Reach::kDatabases;
        written_.dbs.push_back(db);
    }

    std::optional<uint64_t> number(size_t at) const {
        return at < args_.size() ? parse_uint64(args_[at]) : std::nullopt;
    }

    std::optional<size_t> find_word(size_t from, std::string_view word) const {
        for (size_t at = from; at < args_.size(); ++at)
            if (same_word(args_[at], word)) return at;
        return std::nullopt;
    }

    const CommandName& row_;
    const Item& item_;
    std::span<const std::string_view> args_;
    uint64_t db_;
    Written& written_;
};

struct Exception {
    std::string_view name;
    void (Finder::*find)();
};

// Commands that the positions of their keys do not describe. One without positions that is not here
// is taken to write to everything.
constexpr auto kExceptions = std::to_array<Exception>({
    {"BITOP", &Finder::first_of_row},
    {"BLMPOP", &Finder::counted_behind_timeout},
    {"BZMPOP", &Finder::counted_behind_timeout},
    {"COPY", &Finder::copy},
    {"EXEC", &Finder::nothing},
    {"FLUSHDB", &Finder::whole_db},
    {"FUNCTION|DELETE", &Finder::libraries},
    {"FUNCTION|FLUSH", &Finder::libraries},
    {"FUNCTION|LOAD", &Finder::libraries},
    {"FUNCTION|RESTORE", &Finder::libraries},
    {"GEORADIUS", &Finder::store},
    {"GEORADIUSBYMEMBER", &Finder::store},
    {"GEOSEARCHSTORE", &Finder::first_of_row},
    {"LMPOP", &Finder::counted_behind_name},
    {"MIGRATE", &Finder::everything},
    {"MOVE", &Finder::move},
    {"MULTI", &Finder::nothing},
    {"PFMERGE", &Finder::first_of_row},
    {"PUBLISH", &Finder::nothing},
    {"SCRIPT|FLUSH", &Finder::nothing},
    {"SCRIPT|LOAD", &Finder::nothing},
    {"SDIFFSTORE", &Finder::first_of_row},
    {"SELECT", &Finder::nothing},
    {"SINTERSTORE", &Finder::first_of_row},
    {"SORT", &Finder::store},
    {"SPUBLISH", &Finder::nothing},
    {"SUNIONSTORE", &Finder::first_of_row},
    {"SWAPDB", &Finder::two_dbs},
    {"XREADGROUP", &Finder::streams},
    {"ZMPOP", &Finder::counted_behind_name},
    {"ZRANGESTORE", &Finder::first_of_row},
});
static_assert(std::is_sorted(kExceptions.begin(), kExceptions.end(),
                             [](const Exception& a, const Exception& b) {
                                 return a.name < b.name;
                             }));

// A key in a place that its arity does not promise: a command that somebody vouched for
// (CommandNames::accept), of which nothing is known.
bool is_taken_on_trust(const CommandName& row) {
    return row.keys.first >= std::abs(row.arity);
}

}  // namespace

void find_written(const CommandName& row, const Item& item, std::span<const std::string_view> args,
                  uint64_t db, Written& written) {
    Finder finder(row, item, args, db, written);
    const auto exception = std::lower_bound(
        kExceptions.begin(), kExceptions.end(), row.name,
        [](const Exception& one, std::string_view name) { return one.name < name; });
    if (exception != kExceptions.end() && exception->name == row.name)
        return (finder.*exception->find)();
    if (row.keys.first == 0 || is_taken_on_trust(row)) return finder.everything();
    finder.by_row();
}

}  // namespace tidemark::aof
