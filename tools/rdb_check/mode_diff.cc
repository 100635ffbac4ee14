// Mode diff: which keys two dumps do not have in common.
//
//   - db 0 hash "gone"                              only in the first
//   ~ db 0 hash "other"                             with another value
//   ~ db 0 hash "other", a list in the second
//   t db 0 hash "later": expires at 1700000000000, never in the second
//   + db 0 hash "new"                               only in the second
#include <fmt/format.h>

#include <memory>

#include "rdb/codec/types.h"
#include "tools/rdb_check/diff.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/key_finder.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

struct DiffOptions {
    std::string first;
    std::string second;
    bool ignore_ttl = false;
    bool summary = false;
    FilterOptions filter;
};

std::string_view name_of(Change change) {
    switch (change) {
        case Change::kRemoved:
            return "removed";
        case Change::kAdded:
            return "added";
        case Change::kChanged:
            return "changed";
        case Change::kTtl:
            return "ttl";
    }
    return "";
}

char sign_of(Change change) {
    constexpr std::string_view kSigns = "-+~t";
    return kSigns[static_cast<size_t>(change)];
}

std::string time_text(int64_t expire_at_ms) {
    return expire_at_ms == kNever ? "never" : fmt::format("at {}", expire_at_ms);
}

// One file, and what is looked up in it again.
struct Side {
    Side(tools::Source& source, const std::string& folder)
        : marks(source, folder), places(source) {}
    std::string_view type_of(const FoundKey& place) const {
        const rdb::TypeRow* row = rdb::find_type(dialect, place.type);
        return row == nullptr ? "unknown" : type_name(*row);
    }

    DiffSide marks;
    KeyFinder places;
    rdb::Dialect dialect = rdb::Dialect::kRedis;
};

struct Told {
    std::string name;
    std::string_view first_type;   // empty: not there
    std::string_view second_type;  // empty: not there, or not looked up
};

class Teller {
public:
    Teller(Session& session, Side& first, Side& second)
        : session_(session), first_(first), second_(second) {}

    void lines(const Differences& differences);
    Status line(const Difference& difference);
    Status json(const Differences& differences);

private:
    Result<Told> look_up(const Difference& difference);
    static void json_one(tools::JsonFile& json, const Difference& difference, const Told& told);

    Session& session_;
    Side& first_;
    Side& second_;
};

Result<Told> Teller::look_up(const Difference& difference) {
    Told told;
    if (difference.first_offset != 0) {
        FoundKey place = TM_TRY(first_.places.at(difference.first_offset));
        told.first_type = first_.type_of(place);
        told.name = std::move(place.name);
    }
    if (difference.second_offset != 0) {
        FoundKey place = TM_TRY(second_.places.at(difference.second_offset));
        told.second_type = second_.type_of(place);
        told.name = std::move(place.name);
    }
    return told;
}

Status Teller::line(const Difference& difference) {
    const Told told = TM_TRY(look_up(difference));
    std::string text = fmt::format("{} db {} {} \"{}\"", sign_of(difference.change), difference.db,
                                   told.first_type.empty() ? told.second_type : told.first_type,
                                   tools::escape(told.name));
    if (difference.change == Change::kChanged && told.first_type != told.second_type)
        text += fmt::format(", a {} in the second", told.second_type);
    if (difference.change == Change::kTtl) {
        text +=
            fmt::format(": expires {}, {} in the second", time_text(difference.first_expire_at_ms),
                        time_text(difference.second_expire_at_ms));
    }
    session_.output().line(text);
    return session_.stop().check();
}

void json_expiry(tools::JsonFile& json, std::string_view name, int64_t expire_at_ms) {
    tools::json_key(json, name);
    if (expire_at_ms == kNever) {
        json.Null();
    } else {
        json.Int64(expire_at_ms);
    }
}

void Teller::json_one(tools::JsonFile& json, const Difference& difference, const Told& told) {
    json.StartObject();
    json.Key("change");
    tools::json_string(json, name_of(difference.change));
    json.Key("db");
    json.Uint64(difference.db);
    tools::json_bytes(json, "key", told.name);
    if (!told.first_type.empty()) {
        json.Key("first_type");
        tools::json_string(json, told.first_type);
        json_expiry(json, "first_expire_at_ms", difference.first_expire_at_ms);
    }
    if (!told.second_type.empty()) {
        json.Key("second_type");
        tools::json_string(json, told.second_type);
        json_expiry(json, "second_expire_at_ms", difference.second_expire_at_ms);
    }
    json.EndObject();
}

Status Teller::json(const Differences& differences) {
    Status status;
    session_.output().json("differences", [&](tools::JsonFile& json) {
        json.StartArray();
        status = differences.for_each([&](const Difference& difference) -> Status {
            json_one(json, difference, TM_TRY(look_up(difference)));
            return session_.stop().check();
        });
        json.EndArray();
    });
    session_.output().json("libraries", [&](tools::JsonFile& json) {
        json.StartArray();
        for (const auto& [name, change] : differences.libraries()) {
            json.StartObject();
            json.Key("change");
            tools::json_string(json, name_of(change));
            tools::json_bytes(json, "name", name);
            json.EndObject();
        }
        json.EndArray();
    });
    return status;
}

void Teller::lines(const Differences& differences) {
    for (const auto& [name, change] : differences.libraries()) {
        session_.output().line(
            fmt::format("{} library of functions \"{}\"", sign_of(change), tools::escape(name)));
    }
}

void tell_summary(Session& session, const DiffCounts& counts) {
    session.output().json("summary", [&](tools::JsonFile& json) {
        json.StartObject();
        const auto member = [&](const char* name, uint64_t value) {
            json.Key(name);
            json.Uint64(value);
        };
        member("removed", counts.removed);
        member("added", counts.added);
        member("changed", counts.changed);
        member("ttl", counts.ttl);
        member("same", counts.same);
        json.EndObject();
    });
}

Exit verdict(Session& session, const Differences& differences, const std::string& second) {
    const DiffCounts& counts = differences.counts();
    if (counts.differing() == 0 && differences.libraries().empty()) {
        return session.output().verdict(Exit::kClean,
                                        fmt::format("the same as {}: {}", tools::escape(second),
                                                    tools::format_count(counts.same, "key")));
    }
    std::string text = fmt::format(
        "differs from {}: {} removed, {} added, {} changed, {} with another expiry, "
        "{} the same",
        tools::escape(second), counts.removed, counts.added, counts.changed, counts.ttl,
        counts.same);
    if (const size_t libraries = differences.libraries().size(); libraries > 0)
        text += fmt::format("; {} of functions",
                            libraries == 1 ? "1 library" : fmt::format("{} libraries", libraries));
    return session.output().verdict(Exit::kDamaged, text);
}

Result<Exit> run_diff(const DiffOptions& options, Session& session) {
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const auto first_source = TM_TRY(session.open(options.first));
    const auto second_source = TM_TRY(session.open_other(options.second));
    const std::string folder = spool_folder(session);
    Side first(*first_source, folder);
    Side second(*second_source, folder);
    first.dialect =
        TM_TRY(read_selected(session, *first_source, filter, first.marks, "reading the first"))
            .dialect;
    second.dialect =
        TM_TRY(read_selected(session, *second_source, filter, second.marks, "reading the second"))
            .dialect;
    Differences differences(folder, first_source->size(), second_source->size());
    TM_CHECK(differences.compare(first.marks, second.marks,
                                 options.ignore_ttl ? CompareTtl::kNo : CompareTtl::kYes));
    if (!options.summary) {
        Teller teller(session, first, second);
        if (session.output().format() == tools::Format::kText) {
            TM_CHECK(differences.for_each([&](const Difference& one) { return teller.line(one); }));
            teller.lines(differences);
        }
        if (session.output().format() == tools::Format::kJson) TM_CHECK(teller.json(differences));
    }
    tell_summary(session, differences.counts());
    return verdict(session, differences, second_source->name());
}

}  // namespace

tools::Run declare_diff(tools::Options& app) {
    auto options = std::make_shared<DiffOptions>();
    app.add("first", options->first, "a dump; - for standard input").required();
    app.add("second", options->second, "the other one").required();
    app.add_flag("--ignore-ttl", options->ignore_ttl, "keys that differ in their expiry are equal");
    app.add_flag("--summary", options->summary, "counts only, no keys");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_diff(*options, session); };
}

}  // namespace tidemark::rdb_check
