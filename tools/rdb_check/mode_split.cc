// Mode split: one dump becomes several, in a folder.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "tools/common/output_folder.h"
#include "tools/rdb_check/dump_output.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"
#include "tools/rdb_check/record_copier.h"
#include "tools/rdb_check/split_rule.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

// Each has a buffer and an open file.
constexpr size_t kFilesMax = 256;
constexpr size_t kFileBufferBytes = 64 * 1024;
// What goes into every file: AUX fields, libraries of functions, modules' data.
constexpr size_t kCommonBytesMax = 32 * 1024 * 1024;

struct SplitOptions {
    std::string file;
    std::string folder;
    std::string slots;
    std::optional<uint64_t> parts;
    bool by_db = false;
    std::optional<std::string> prefix_separator;
    bool no_seal = false;
    FilterOptions filter;
};

class SplitSink final : public rdb::ValueSink {
public:
    SplitSink(rdb::Input& input, SplitRule rule, const Session& session,
              tools::OutputFolder& folder, rdb::DumpOptions options)
        : copier_(input),
          rule_(std::move(rule)),
          session_(session),
          folder_(folder),
          options_(options) {}

    void aux(std::string_view name, std::string_view value) override {
        if (is_carried_over(name) && status_) status_ = add_common(aux_record(name, value));
    }
    Status function(std::string_view source) override { return add_common(library_record(source)); }
    Status module_aux(std::string_view, uint64_t begin, uint64_t end) override {
        rdb::StringSink bytes;
        if (end - begin > kCommonBytesMax) return too_much();
        TM_CHECK(copier_.copy_bytes(bytes, begin, end));
        return add_common(bytes.take());
    }
    Status slot_import(std::string_view, uint64_t, uint64_t) override {
        return fail(ErrorCode::kUnsupported, "the import of slots was under way when it was saved");
    }
    Status begin_key(const rdb::KeyRecord& key) override {
        TM_CHECK(status_);
        db_ = key.db;
        begin_ = key.begin_offset;
        const std::string name = rule_.file_of(key.db, key.name);
        to_ = files_[name].get();
        if (to_ == nullptr) to_ = TM_TRY(add_file(name));
        return {};
    }
    Status end_key(uint64_t end_offset) override {
        return copier_.copy(to_->dump(), db_, begin_, end_offset);
    }

    Result<DumpOutput*> add_file(const std::string& name);
    Status commit();
    const std::map<std::string, std::unique_ptr<DumpOutput>>& files() const { return files_; }

private:
    static Status too_much() {
        return fail(ErrorCode::kLimit, "what belongs to no key is too much to be in every file");
    }
    Status add_common(std::string record);

    RecordCopier copier_;
    SplitRule rule_;
    const Session& session_;
    tools::OutputFolder& folder_;
    rdb::DumpOptions options_;
    std::vector<std::string> common_;
    size_t common_bytes_ = 0;
    std::map<std::string, std::unique_ptr<DumpOutput>> files_;
    DumpOutput* to_ = nullptr;  // of the key in hand
    uint64_t db_ = 0;
    uint64_t begin_ = 0;
    Status status_;
};

Status SplitSink::add_common(std::string record) {
    common_bytes_ += record.size();
    if (common_bytes_ > kCommonBytesMax) return too_much();
    for (auto& [name, file] : files_)
        if (file) TM_CHECK(file->dump().copy_record(0, record, 0));
    common_.push_back(std::move(record));
    return {};
}

Result<DumpOutput*> SplitSink::add_file(const std::string& name) {
    if (files_.size() > kFilesMax) {
        return fail(ErrorCode::kLimit,
                    fmt::format("more than {} files would be needed; choose keys with --key, or "
                                "split in another way",
                                kFilesMax));
    }
    auto empty = TM_TRY(session_.create_file(folder_.place_of(name + ".rdb"),
                                             tools::IfExists::kRefuse, kFileBufferBytes));
    std::unique_ptr<DumpOutput>& file = files_[name];
    file = TM_TRY(DumpOutput::create(std::move(empty), options_));
    if (options_.version >= rdb::kFirstVersionWithAux)
        for (const std::string& record : common_) TM_CHECK(file->dump().copy_record(0, record, 0));
    return file.get();
}

Status SplitSink::commit() {
    TM_CHECK(status_);
    for (auto& [name, file] : files_) TM_CHECK(file->commit());
    return folder_.commit();
}

Result<SplitRule> make_rule(const SplitOptions& options) {
    if (!options.slots.empty()) return SplitRule::by_slots(options.slots);
    if (options.parts) return SplitRule::in_parts(*options.parts);
    if (options.by_db) return SplitRule::by_db();
    if (options.prefix_separator) return SplitRule::by_prefix(*options.prefix_separator);
    return fail(ErrorCode::kInvalid,
                "say how: --by-slots RANGES, --parts N, --by-db or --by-prefix SEPARATOR");
}

void tell(Session& session, const SplitSink& sink) {
    for (const auto& [name, file] : sink.files()) {
        session.output().line(fmt::format("{}.rdb: {}, {}", name,
                                          tools::format_count(file->dump().keys(), "key"),
                                          tools::format_bytes(file->dump().bytes())));
    }
    session.output().json("files", [&](tools::JsonFile& json) {
        json.StartArray();
        for (const auto& [name, file] : sink.files()) {
            json.StartObject();
            json.Key("name");
            tools::json_string(json, name + ".rdb");
            json.Key("keys");
            json.Uint64(file->dump().keys());
            json.Key("bytes");
            json.Uint64(file->dump().bytes());
            json.EndObject();
        }
        json.EndArray();
    });
}

Result<Exit> run_split(const SplitOptions& options, Session& session) {
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const SplitRule rule = TM_TRY(make_rule(options));
    if (const size_t files = rule.files_in_any_case().size(); files > kFilesMax) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} files are too many: {} at most", files, kFilesMax));
    }
    const auto source = TM_TRY(session.open(options.file));
    const rdb::DumpOptions dump =
        TM_TRY(options_like(*source, options.no_seal ? rdb::Sealing::kOff : rdb::Sealing::kOn));
    const auto folder = TM_TRY(tools::OutputFolder::create(options.folder));
    SplitSink sink(*source, rule, session, *folder, dump);
    for (const std::string& name : rule.files_in_any_case()) TM_TRY(sink.add_file(name));
    const Reading reading = TM_TRY(read_selected(session, *source, filter, sink, "splitting"));
    TM_CHECK(sink.commit());
    tell(session, sink);
    return session.output().verdict(
        Exit::kClean, fmt::format("{} into {} in {}", tools::format_count(reading.selected, "key"),
                                  tools::format_count(sink.files().size(), "file"),
                                  tools::escape(options.folder)));
}

}  // namespace

tools::Run declare_split(tools::Options& app) {
    auto options = std::make_shared<SplitOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("-o,--output", options->folder, "the folder to make").type_name("FOLDER").required();
    app.begin_one_of("How");
    app.add("--by-slots", options->slots, "a file a range of slots: 0..8191,8192..16383")
        .type_name("RANGES");
    app.add("--parts", options->parts, "so many ranges of slots of the same length").type_name("N");
    app.add_flag("--by-db", options->by_db, "a file a database");
    app.add("--by-prefix", options->prefix_separator,
            "a file for what stands in front of the first SEPARATOR of a key")
        .type_name("SEPARATOR");
    app.end_one_of();
    app.add_flag("--no-seal", options->no_seal, "without seals and index");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_split(*options, session); };
}

}  // namespace tidemark::rdb_check
