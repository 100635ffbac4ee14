// Mode convert: the same data in another version or form. A record whose type the version has, and
// of which nothing else is asked, is copied byte for byte; the others are decoded and encoded
// again.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "rdb/codec/encoder.h"
#include "rdb/codec/types.h"
#include "tools/rdb_check/dump_output.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/gate_sink.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"
#include "tools/rdb_check/record_copier.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

constexpr int kFirstVersionWithUse = 9;       // IDLE, FREQ
constexpr int kFirstVersionWithKeyMeta = 13;  // in front of a key

struct ConvertOptions {
    std::string file;
    std::string output;
    std::optional<int> version;
    bool compact = false;
    bool expand = false;
    bool compress = false;
    bool no_compress = false;
    bool seal = false;
    bool no_seal = false;
    bool lossy = false;
    bool overwrite = false;
    FilterOptions filter;

    // Every record has to be made anew.
    bool asks_for_a_form() const { return compact || expand || compress || no_compress; }
};

enum class Hints : uint8_t { kKeep, kDrop };

class ConvertSink final : public GateSink {
public:
    ConvertSink(rdb::Input& input, rdb::DumpWriter& out, const rdb::EncodeOptions& encode,
                Hints hints)
        : GateSink(encoder_),
          out_(out),
          encode_(encode),
          hints_(hints),
          copier_(input),
          encoder_(out, encode) {}

    // Counts and replication offsets are true of all keys together only.
    void aux(std::string_view name, std::string_view value) override {
        if (hints_ == Hints::kKeep || is_carried_over(name)) encoder_.aux(name, value);
    }
    void resize_db(uint64_t keys, uint64_t with_expiry) override {
        if (hints_ == Hints::kKeep) encoder_.resize_db(keys, with_expiry);
    }
    void slot_info(uint64_t slot, uint64_t keys, uint64_t with_expiry) override {
        if (hints_ == Hints::kKeep) encoder_.slot_info(slot, keys, with_expiry);
    }

    Status key_meta(uint64_t, uint64_t) override {
        has_meta_ = true;
        return {};
    }
    Status slot_import(std::string_view, uint64_t, uint64_t) override {
        return lose("the import of slots that was under way");
    }
    Status begin_key(const rdb::KeyRecord& key) override {
        set_gate(can_copy(key) ? Gate::kShut : Gate::kOpen);
        db_ = key.db;
        begin_ = key.begin_offset;
        const bool has_meta = std::exchange(has_meta_, false);
        if (!is_open()) return {};
        if (const int newer = version_for(key); newer > encode_.version) {
            version_wanted_ = newer;
            return fail(ErrorCode::kUnsupported, "a hash whose fields expire");
        }
        if (has_meta) TM_CHECK(lose("modules' metadata of a key"));
        return encoder_.begin_key(key);
    }
    Status end_key(uint64_t end_offset) override {
        if (is_open()) {
            ++encoded_;
            return encoder_.end_key(end_offset);
        }
        ++copied_;
        return copier_.copy(out_, db_, begin_, end_offset);
    }

    uint64_t encoded() const { return encoded_; }
    uint64_t copied() const { return copied_; }
    const rdb::Losses& losses() const { return encoder_.losses(); }
    // What only a copy could keep.
    uint64_t lost_without_copy() const { return lost_; }
    void encode_everything() { encodes_all_ = true; }
    // The version is nobody's wish: where a hash has fields that expire, ask for one that holds it.
    void ask_for_version() { may_ask_ = true; }
    // Reading was ended to ask for this one.
    std::optional<int> version_wanted() const { return version_wanted_; }

private:
    bool can_copy(const rdb::KeyRecord& key) const;
    int version_for(const rdb::KeyRecord& key) const {
        return may_ask_ && key.type->kind == "hash" ? key.type->since : 0;
    }
    Status lose(std::string_view what) {
        ++lost_;
        if (encode_.loss == rdb::LossPolicy::kDrop) return {};
        return fail(ErrorCode::kUnsupported, fmt::format("{} cannot be converted", what));
    }

    rdb::DumpWriter& out_;
    rdb::EncodeOptions encode_;
    Hints hints_;
    RecordCopier copier_;
    rdb::Encoder encoder_;
    bool encodes_all_ = false;
    bool may_ask_ = false;
    std::optional<int> version_wanted_;
    bool has_meta_ = false;  // modules' data stands in front of the key
    uint64_t lost_ = 0;
    uint64_t db_ = 0;
    uint64_t begin_ = 0;
    uint64_t encoded_ = 0;
    uint64_t copied_ = 0;
};

// The type must mean the same there, and so must what stands in front of it.
bool ConvertSink::can_copy(const rdb::KeyRecord& key) const {
    if (encodes_all_) return false;
    const rdb::TypeRow* there = rdb::find_type(encode_.dialect, key.type->number);
    if (there == nullptr || there->since > encode_.version) return false;
    if (there->since != key.type->since) return false;  // 22 is two different things
    const bool has_use = key.idle_seconds || key.frequency;
    if (has_use && encode_.version < kFirstVersionWithUse) return false;
    return !has_meta_ ||
           (encode_.dialect == rdb::Dialect::kRedis && encode_.version >= kFirstVersionWithKeyMeta);
}

Result<rdb::DumpOptions> target_of(const ConvertOptions& options, rdb::Input& source) {
    const rdb::Sealing sealing = options.no_seal ? rdb::Sealing::kOff : rdb::Sealing::kOn;
    rdb::DumpOptions dump = TM_TRY(options_like(source, sealing));
    if (!options.version) return dump;
    dump.version = *options.version;
    dump.dialect =
        dump.version == rdb::kValkeyVersion ? rdb::Dialect::kValkey : rdb::Dialect::kRedis;
    if (rdb::can_write(dump.dialect, dump.version)) {
        if (options.seal && dump.version < rdb::kFirstVersionWithAux)
            return fail(ErrorCode::kInvalid, "version 6 has no place for seals");
        return dump;
    }
    return fail(
        ErrorCode::kInvalid,
        fmt::format("version {} is not written; known are {} to {}, and Valkey's {}", dump.version,
                    rdb::kFirstVersionWritten, rdb::kRedisVersionMax, rdb::kValkeyVersion));
}

struct LossRow {
    const char* name;  // one of it
    uint64_t rdb::Losses::*count;
};

constexpr auto kLossRows = std::to_array<LossRow>({
    {"expiry of a hash's field", &rdb::Losses::field_expiries},
    {"stream", &rdb::Losses::streams},
    {"counters of a stream", &rdb::Losses::stream_states},
    {"idempotent producer state", &rdb::Losses::producers},
    {"library of functions", &rdb::Losses::functions},
    {"module value", &rdb::Losses::module_values},
    {"module field", &rdb::Losses::module_aux},
});

void tell(Session& session, const ConvertSink& sink, const DumpOutput& output) {
    for (const LossRow& row : kLossRows) {
        if (const uint64_t count = sink.losses().*row.count; count > 0)
            session.output().line(fmt::format("lost: {} x {}", count, row.name));
    }
    if (const uint64_t count = sink.lost_without_copy(); count > 0)
        session.output().line(
            fmt::format("lost: {} times metadata of modules, or slot imports", count));
    session.output().json("summary", [&](tools::JsonFile& json) {
        json.StartObject();
        const auto member = [&](const char* name, uint64_t value) {
            json.Key(name);
            json.Uint64(value);
        };
        member("keys", output.dump().keys());
        member("copied", sink.copied());
        member("encoded", sink.encoded());
        member("lost", sink.losses().total() + sink.lost_without_copy());
        member("bytes", output.dump().bytes());
        json.EndObject();
    });
}

// What cannot be held is an error of the encoder's; the way out is an option of ours.
Error with_advice(Error error, const ConvertOptions& options) {
    if (error.code == ErrorCode::kUnsupported && !options.lossy)
        error.what += "; --lossy leaves it out";
    return error;
}

class Conversion {
public:
    Conversion(const ConvertOptions& options, const Filter& filter, tools::Source& source,
               Session& session)
        : options_(options), filter_(filter), source_(source), session_(session) {}

    Result<Exit> run(rdb::DumpOptions dump);

private:
    // Nothing: begin again with `dump`, whose version is another one now.
    Result<std::optional<Exit>> write(rdb::DumpOptions& dump);
    rdb::EncodeOptions encoding_for(const rdb::DumpOptions& dump) const;
    Exit conclude(const ConvertSink& sink, const DumpOutput& output) const;

    const ConvertOptions& options_;
    const Filter& filter_;
    tools::Source& source_;
    Session& session_;
};

rdb::EncodeOptions Conversion::encoding_for(const rdb::DumpOptions& dump) const {
    rdb::EncodeOptions encode;
    encode.dialect = dump.dialect;
    encode.version = dump.version;
    encode.compression = options_.no_compress ? rdb::Compression::kNone : rdb::Compression::kLzf;
    encode.packing = options_.expand ? rdb::Packing::kPlain : rdb::Packing::kCompact;
    encode.loss = options_.lossy ? rdb::LossPolicy::kDrop : rdb::LossPolicy::kRefuse;
    encode.source = &source_;
    return encode;
}

Result<std::optional<Exit>> Conversion::write(rdb::DumpOptions& dump) {
    const auto if_exists =
        options_.overwrite ? tools::IfExists::kReplace : tools::IfExists::kRefuse;
    auto file = TM_TRY(session_.create_file(options_.output, if_exists));
    const auto output = TM_TRY(DumpOutput::create(std::move(file), dump));
    ConvertSink sink(source_, output->dump(), encoding_for(dump),
                     filter_.accepts_everything() ? Hints::kKeep : Hints::kDrop);
    if (options_.asks_for_a_form()) sink.encode_everything();
    if (!options_.version) sink.ask_for_version();
    Result<Reading> reading = read_selected(session_, source_, filter_, sink, "converting");
    if (!reading && sink.version_wanted()) {
        dump.version = *sink.version_wanted();
        return std::optional<Exit>();
    }
    if (!reading) return fail(with_advice(std::move(reading).error(), options_));
    TM_CHECK(output->commit());
    return std::optional(conclude(sink, *output));
}

Exit Conversion::conclude(const ConvertSink& sink, const DumpOutput& output) const {
    tell(session_, sink, output);
    const uint64_t lost = sink.losses().total() + sink.lost_without_copy();
    const std::string what = fmt::format(
        "{} written to {} in version {}: {} copied, {} encoded anew",
        tools::format_count(output.dump().keys(), "key"), tools::escape(options_.output),
        output.dump().options().version, sink.copied(), sink.encoded());
    if (lost == 0) return session_.output().verdict(Exit::kClean, what);
    return session_.output().verdict(
        Exit::kRepairedWithLoss,
        fmt::format("{}; {} lost", what, tools::format_count(lost, "thing")));
}

Result<Exit> Conversion::run(rdb::DumpOptions dump) {
    while (true) {
        if (const auto exit = TM_TRY(write(dump))) return *exit;
    }
}

Result<Exit> run_convert(const ConvertOptions& options, Session& session) {
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const auto source = TM_TRY(session.open(options.file));
    const rdb::DumpOptions dump = TM_TRY(target_of(options, *source));
    return Conversion(options, filter, *source, session).run(dump);
}

}  // namespace

tools::Run declare_convert(tools::Options& app) {
    auto options = std::make_shared<ConvertOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("-o,--output", options->output, "the dump to write").type_name("FILE").required();
    app.add("--to-version", options->version,
            "6 to 13, or 80 (Valkey 9) [that of the input, 12 where a hash's fields expire]")
        .type_name("VERSION");
    const auto compact =
        app.add_flag("--compact", options->compact, "small collections as listpacks and intsets");
    app.add_flag("--expand", options->expand, "all collections element by element")
        .excludes(compact);
    const auto compress =
        app.add_flag("--compress", options->compress, "compress what gets smaller");
    app.add_flag("--no-compress", options->no_compress, "nothing compressed").excludes(compress);
    const auto seal = app.add_flag("--seal", options->seal, "with seals and index [yes]");
    app.add_flag("--no-seal", options->no_seal, "without").excludes(seal);
    app.add_flag("--lossy", options->lossy, "leave out what the version has no place for");
    app.add_flag("--overwrite", options->overwrite, "replace the output if it exists");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_convert(*options, session); };
}

}  // namespace tidemark::rdb_check
