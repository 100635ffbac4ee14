#include "tools/dump_diff/difference_teller.h"

#include <fmt/format.h>

#include "rdb/codec/types.h"
#include "tools/common/text.h"
#include "tools/dump_diff/type_name.h"

namespace tidemark::rdb_check {

namespace {

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
        case Change::kOpen:
            return "open";
    }
    return "";
}

char sign_of(Change change) {
    constexpr std::string_view kSigns = "-+~t?";
    return kSigns[static_cast<size_t>(change)];
}

std::string time_text(int64_t expire_at_ms) {
    return expire_at_ms == kNever ? "never" : fmt::format("at {}", expire_at_ms);
}

void json_expiry(tools::JsonFile& json, std::string_view name, int64_t expire_at_ms) {
    tools::json_key(json, name);
    if (expire_at_ms == kNever) {
        json.Null();
    } else {
        json.Int64(expire_at_ms);
    }
}

}  // namespace

std::string_view ComparedFile::type_of(const FoundKey& place) const {
    const rdb::TypeRow* row = rdb::find_type(dialect, place.type);
    return row == nullptr ? "unknown" : type_name(*row);
}

Result<DifferenceTeller::Told> DifferenceTeller::look_up(const Difference& difference) {
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

Status DifferenceTeller::line(const Difference& difference) {
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

void DifferenceTeller::json_one(tools::JsonFile& json, const Difference& difference,
                                const Told& told) {
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

Status DifferenceTeller::json(const Differences& differences) {
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

void DifferenceTeller::library_lines(const Differences& differences) {
    for (const auto& [name, change] : differences.libraries()) {
        session_.output().line(
            fmt::format("{} library of functions \"{}\"", sign_of(change), tools::escape(name)));
    }
}

Status DifferenceTeller::tell(const Differences& differences) {
    if (session_.output().format() == tools::Format::kJson) return json(differences);
    if (session_.output().format() != tools::Format::kText) return {};
    TM_CHECK(differences.for_each([&](const Difference& one) { return line(one); }));
    library_lines(differences);
    return {};
}

void tell_counts(tools::Session& session, const DiffCounts& counts) {
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

std::string sentence_of(const Differences& differences, const std::string& second) {
    const DiffCounts& counts = differences.counts();
    std::string text = fmt::format(
        "differs from {}: {} removed, {} added, {} changed, {} with another expiry, "
        "{} the same",
        tools::escape(second), counts.removed, counts.added, counts.changed, counts.ttl,
        counts.same);
    if (const size_t libraries = differences.libraries().size(); libraries > 0)
        text += fmt::format("; {} of functions",
                            libraries == 1 ? "1 library" : fmt::format("{} libraries", libraries));
    return text;
}

}  // namespace tidemark::rdb_check
