// Mode info: what a dump says about itself, from its two ends, without reading what is between.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <utility>
#include <vector>

#include "base/number.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/seal_reader.h"
#include "tools/rdb_check/dump_head.h"
#include "tools/rdb_check/modes.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::JsonFile;
using tools::Session;

// A dump has a few dozen of what stands before its first key; a hostile one may have millions.
constexpr size_t kFieldsMax = 1000;

struct DbHint {
    uint64_t db = 0;
    uint64_t keys = 0;
    uint64_t with_expiry = 0;
};

// What stands in front of the first key.
struct Preface {
    std::vector<std::pair<std::string, std::string>> fields;
    std::vector<DbHint> dbs;
    uint64_t functions = 0;
};

struct Info {
    DumpHead head;
    Preface preface;
    std::optional<std::vector<rdb::Segment>> segments;
    bool is_index_damaged = false;
    std::optional<uint64_t> checksum;
};

// False when what comes next is a key, or the end, or nothing that is known here.
Result<bool> read_field(rdb::Primitives& in, Preface& preface, uint64_t& db) {
    switch (TM_TRY(in.byte())) {
        case rdb::opcode::kAux: {
            std::string name(TM_TRY(in.string()));
            preface.fields.emplace_back(std::move(name), TM_TRY(in.string()));
            return true;
        }
        case rdb::opcode::kSelectDb:
            db = TM_TRY(in.length());
            return true;
        case rdb::opcode::kResizeDb: {
            const uint64_t keys = TM_TRY(in.length());
            preface.dbs.push_back({db, keys, TM_TRY(in.length())});
            return true;
        }
        case rdb::opcode::kFunction:
            TM_TRY(in.string());
            ++preface.functions;
            return true;
        default:
            return false;
    }
}

Preface read_preface(rdb::Primitives& in) {
    Preface preface;
    uint64_t db = 0;
    while (preface.fields.size() + preface.dbs.size() + preface.functions < kFieldsMax) {
        // What is damaged here is for `check` to say.
        if (!read_field(in, preface, db).value_or(false)) break;
    }
    return preface;
}

Result<Info> read_info(rdb::Input& input) {
    rdb::Primitives in(input);
    Info info;
    info.head = TM_TRY(read_dump_head(in));
    info.preface = read_preface(in);
    auto segments = rdb::read_index(input);
    if (segments) info.segments = std::move(*segments);
    info.is_index_damaged = !segments && segments.error().code == ErrorCode::kCorrupt;
    if (info.head.version >= rdb::kFirstVersionWithChecksum) {
        info.checksum = TM_TRY(read_stored_checksum(input));
    }
    return info;
}

uint64_t sealed_keys(const std::vector<rdb::Segment>& segments) {
    uint64_t keys = 0;
    for (const rdb::Segment& segment : segments) keys += segment.keys;
    return keys;
}

std::string readable(const std::string& name, const std::string& value) {
    const std::string text = tools::escape_short(value, 200);
    const std::optional<uint64_t> number = parse_uint64(value);
    if (number && name == "ctime" && *number < UINT32_MAX) {
        return fmt::format("{} ({:%Y-%m-%d %H:%M:%S} UTC)", text,
                           fmt::gmtime(static_cast<std::time_t>(*number)));
    }
    if (number && name == "used-mem") {
        return fmt::format("{} ({})", text, tools::format_bytes(*number));
    }
    return text;
}

void say(tools::Output& out, const Info& info, uint64_t size) {
    out.line(
        fmt::format("size: {} ({})", tools::format_bytes(size), tools::format_count(size, "byte")));
    out.line(fmt::format("format: {}", info.head.name()));
    for (const auto& [name, value] : info.preface.fields) {
        out.line(fmt::format("{}: {}", tools::escape_short(name, 200), readable(name, value)));
    }
    if (info.preface.functions > 0) {
        out.line(
            fmt::format("functions: {}", tools::format_count(info.preface.functions, "library")));
    }
    for (const DbHint& db : info.preface.dbs) {
        out.line(fmt::format("db {}: {}, {} with an expiry (what the file says of itself)", db.db,
                             tools::format_count(db.keys, "key"), db.with_expiry));
    }
    if (info.segments) {
        out.line(fmt::format("seals: {}, {}", tools::format_count(info.segments->size(), "segment"),
                             tools::format_count(sealed_keys(*info.segments), "key")));
    } else {
        out.line(info.is_index_damaged ? "seals: their index is damaged" : "seals: none");
    }
    if (info.checksum) {
        out.line(*info.checksum == 0 ? "checksum: the writer made none"
                                     : fmt::format("checksum: {:016x}", *info.checksum));
    }
}

void write_preface(JsonFile& json, const Preface& preface) {
    json.StartObject();
    json.Key("aux");
    json.StartArray();
    for (const auto& [name, value] : preface.fields) {
        json.StartObject();
        tools::json_bytes(json, "name", name);
        tools::json_bytes(json, "value", value);
        json.EndObject();
    }
    json.EndArray();
    json.Key("dbs");
    json.StartArray();
    for (const DbHint& db : preface.dbs) {
        json.StartObject();
        json.Key("db");
        json.Uint64(db.db);
        json.Key("keys");
        json.Uint64(db.keys);
        json.Key("with_expiry");
        json.Uint64(db.with_expiry);
        json.EndObject();
    }
    json.EndArray();
    json.Key("functions");
    json.Uint64(preface.functions);
    json.EndObject();
}

void write_summary(JsonFile& json, const Info& info, uint64_t size) {
    json.StartObject();
    json.Key("bytes");
    json.Uint64(size);
    tools::json_key(json, "dialect");
    tools::json_string(json, info.head.dialect == rdb::Dialect::kValkey ? "valkey" : "redis");
    json.Key("version");
    json.Int(info.head.version);
    json.Key("preface");
    write_preface(json, info.preface);
    json.Key("segments");
    json.Uint64(info.segments ? info.segments->size() : 0);
    if (info.segments) {
        json.Key("sealed_keys");
        json.Uint64(sealed_keys(*info.segments));
    }
    if (info.checksum) {
        tools::json_key(json, "checksum");
        tools::json_string(json, fmt::format("{:016x}", *info.checksum));
    }
    json.EndObject();
}

struct InfoOptions {
    std::string file;
};

Result<Exit> run_info(const InfoOptions& options, Session& session) {
    const auto source = TM_TRY(session.open(options.file));
    const Info info = TM_TRY(read_info(*source));
    say(session.output(), info, source->size());
    session.output().json("summary",
                          [&](JsonFile& json) { write_summary(json, info, source->size()); });
    if (source->unpack_error()) {
        return session.output().verdict(
            Exit::kDamaged, fmt::format("{}, whose beginning this is; {}", info.head.name(),
                                        source->unpack_error()->what));
    }
    const std::string seals = info.segments ? "sealed" : "not sealed";
    return session.output().verdict(
        Exit::kClean,
        fmt::format("{}, {}; its contents were not looked at", info.head.name(), seals));
}

}  // namespace

tools::Run declare_info(tools::Options& app) {
    auto options = std::make_shared<InfoOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    return [options](Session& session) { return run_info(*options, session); };
}

}  // namespace tidemark::rdb_check
