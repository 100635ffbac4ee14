// Mode merge: several dumps become one.
#include <fmt/format.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "tools/dump_diff/function_library.h"
#include "tools/dump_diff/key_finder.h"
#include "tools/rdb_check/dump_output.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/merge_plan.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"
#include "tools/rdb_check/record_copier.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

// Every input is an open file, and named in messages.
constexpr size_t kInputsMax = 256;
constexpr size_t kLibrariesMax = 100'000;
constexpr size_t kExamplesMax = 10;

struct MergeOptions {
    std::vector<std::string> files;
    std::string output;
    OnConflict policy = OnConflict::kFail;
    std::string suffix = "@";
    bool overwrite = false;
    bool no_seal = false;
    FilterOptions filter;
};

struct MergeInput {
    explicit MergeInput(std::unique_ptr<tools::Source> opened)
        : source(std::move(opened)), copier(*source), places(*source) {}

    std::unique_ptr<tools::Source> source;
    RecordCopier copier;
    KeyFinder places;
};

// Which library of each name stays, and which modules' data.
struct CommonParts {
    struct Library {
        Digest source;
        uint32_t file;
    };
    std::map<std::string, Library> libraries;
    std::map<std::string, uint32_t> module_aux;
    // Libraries whose name has come before, with another source.
    uint64_t conflicts = 0;
    std::vector<std::pair<std::string, uint32_t>> examples;  // name and file, for messages
};

// First pass: names.
class NameSink final : public rdb::ValueSink {
public:
    NameSink(MergePlan& plan, CommonParts& common, OnConflict policy, uint32_t file)
        : plan_(plan), common_(common), policy_(policy), file_(file) {}

    Status begin_key(const rdb::KeyRecord& key) override {
        return plan_.add(file_, key.db, key.name, key.offset);
    }
    Status function(std::string_view source) override;
    Status module_aux(std::string_view module, uint64_t, uint64_t) override {
        common_.module_aux.emplace(module, file_);
        return {};
    }

private:
    MergePlan& plan_;
    CommonParts& common_;
    OnConflict policy_;
    uint32_t file_;
};

Status NameSink::function(std::string_view source) {
    if (common_.libraries.size() >= kLibrariesMax)
        return fail(ErrorCode::kLimit, "there are more libraries of functions than can be merged");
    const CommonParts::Library library{digest_of(source), file_};
    const auto [known, is_new] = common_.libraries.emplace(library_name(source), library);
    if (is_new || known->second.source == library.source) return {};
    if (policy_ == OnConflict::kLast) known->second = library;
    ++common_.conflicts;
    if (common_.examples.size() < kExamplesMax) common_.examples.emplace_back(known->first, file_);
    return {};
}

// Second pass: records.
class MergeSink final : public rdb::ValueSink {
public:
    MergeSink(MergePlan& plan, const CommonParts& common, rdb::DumpWriter& out, MergeInput& input,
              uint32_t file, const std::string& suffix)
        : plan_(plan), common_(common), out_(out), input_(input), file_(file), suffix_(suffix) {}

    // The first file tells what wrote it and when.
    void aux(std::string_view name, std::string_view value) override {
        const bool is_told = file_ == 0 && is_carried_over(name) &&
                             out_.options().version >= rdb::kFirstVersionWithAux;
        if (is_told && status_) status_ = out_.copy_record(0, aux_record(name, value), 0);
    }
    Status function(std::string_view source) override {
        const std::string name = library_name(source);
        const CommonParts::Library& chosen = common_.libraries.at(name);
        const bool is_chosen = chosen.file == file_ && chosen.source == digest_of(source);
        if (!is_chosen || !written_.insert(name).second) return {};
        return out_.copy_record(0, library_record(source), 0);
    }
    Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override {
        if (common_.module_aux.at(std::string(module)) != file_) return {};
        TM_CHECK(input_.copier.copy_bytes(out_, begin, end));
        return out_.end_record(0);
    }
    Status slot_import(std::string_view, uint64_t, uint64_t) override {
        return fail(ErrorCode::kUnsupported, "the import of slots was under way when it was saved");
    }
    Status begin_key(const rdb::KeyRecord& key) override {
        db_ = key.db;
        begin_ = key.begin_offset;
        type_offset_ = key.offset;
        fate_ = TM_TRY(plan_.fate_of(file_, key.offset));
        return std::exchange(status_, {});
    }
    Status end_key(uint64_t end_offset) override;

    uint64_t dropped() const { return dropped_; }
    uint64_t renamed() const { return renamed_; }

private:
    MergePlan& plan_;
    const CommonParts& common_;
    rdb::DumpWriter& out_;
    MergeInput& input_;
    uint32_t file_;
    const std::string& suffix_;
    std::set<std::string> written_;  // libraries of this file
    uint64_t db_ = 0;
    uint64_t begin_ = 0;
    uint64_t type_offset_ = 0;
    Fate fate_ = Fate::kKeep;
    uint64_t dropped_ = 0;
    uint64_t renamed_ = 0;
    Status status_;
};

std::string new_name(std::string_view name, std::string_view suffix, uint32_t file) {
    return fmt::format("{}{}{}", name, suffix, file + 1);
}

Status MergeSink::end_key(uint64_t end_offset) {
    if (fate_ == Fate::kDrop) {
        ++dropped_;
        return {};
    }
    if (fate_ == Fate::kKeep) return input_.copier.copy(out_, db_, begin_, end_offset);
    ++renamed_;
    const FoundKey place = TM_TRY(input_.places.at(type_offset_));
    return input_.copier.copy_renamed(out_, db_, begin_, type_offset_,
                                      new_name(place.name, suffix_, file_), place.value_offset,
                                      end_offset);
}

class Merger {
public:
    Merger(const MergeOptions& options, Session& session, Filter filter)
        : options_(options), session_(session), filter_(std::move(filter)) {}

    Result<Exit> run();

private:
    Status open_inputs();
    Result<rdb::DumpOptions> dump_options();
    Status read_names(MergePlan& plan);
    Status check_new_names(MergePlan& plan);
    bool must_refuse(const MergePlan& plan) const;
    Result<Exit> refuse(const MergePlan& plan);
    Result<Exit> write(MergePlan& plan, const rdb::DumpOptions& dump);

    const MergeOptions& options_;
    Session& session_;
    Filter filter_;
    std::deque<MergeInput> inputs_;  // they do not move
    CommonParts common_;
};

Status Merger::open_inputs() {
    if (options_.files.size() > kInputsMax)
        return fail(ErrorCode::kInvalid, fmt::format("at most {} files at once", kInputsMax));
    for (const std::string& file : options_.files)
        inputs_.emplace_back(TM_TRY(session_.open(file)));
    session_.output().set_file(options_.output);
    return {};
}

// One dialect, and the newest of the versions.
Result<rdb::DumpOptions> Merger::dump_options() {
    const rdb::Sealing sealing = options_.no_seal ? rdb::Sealing::kOff : rdb::Sealing::kOn;
    rdb::DumpOptions dump = TM_TRY(options_like(*inputs_[0].source, sealing));
    for (const MergeInput& input : inputs_) {
        const rdb::DumpOptions other = TM_TRY(options_like(*input.source, sealing));
        if (other.dialect != dump.dialect) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{} is Redis's and {} is Valkey's: `convert --to-version 11` "
                                    "first, or 80",
                                    inputs_[0].source->name(), input.source->name()));
        }
        dump.version = std::max(dump.version, other.version);
    }
    return dump;
}

Status Merger::read_names(MergePlan& plan) {
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
        NameSink names(plan, common_, options_.policy, i);
        TM_TRY(read_selected(session_, *inputs_[i].source, filter_, names, "reading names"));
    }
    return plan.decide(options_.policy);
}

Status Merger::check_new_names(MergePlan& plan) {
    TM_CHECK(plan.for_each_rename([&](uint32_t file, uint64_t db, uint64_t offset) -> Status {
        const FoundKey place = TM_TRY(inputs_[file].places.at(offset));
        return plan.add_new_name(file, db, new_name(place.name, options_.suffix, file), offset);
    }));
    const std::optional<NameMark> taken = TM_TRY(plan.taken_new_name());
    if (!taken) return {};
    const FoundKey place = TM_TRY(inputs_[taken->file].places.at(taken->offset));
    return fail(
        ErrorCode::kExists,
        fmt::format("key \"{}\" of db {} would be renamed to \"{}\", which is there too; "
                    "give another --suffix",
                    tools::escape_short(place.name), taken->db,
                    tools::escape_short(new_name(place.name, options_.suffix, taken->file))));
}

Result<Exit> Merger::refuse(const MergePlan& plan) {
    for (const NameMark& mark : plan.examples()) {
        const FoundKey place = TM_TRY(inputs_[mark.file].places.at(mark.offset));
        session_.output().line(fmt::format("{}: key \"{}\" of db {} has come before",
                                           tools::escape(inputs_[mark.file].source->name()),
                                           tools::escape(place.name), mark.db));
    }
    for (const auto& [name, file] : common_.examples) {
        session_.output().line(
            fmt::format("{}: library of functions \"{}\" has come before, and is another one",
                        tools::escape(inputs_[file].source->name()), tools::escape(name)));
    }
    if (common_.conflicts > 0) {
        return session_.output().verdict(
            Exit::kDamaged,
            "not written: libraries of functions differ, and are not renamed; "
            "--on-conflict first or last would say which stays");
    }
    return session_.output().verdict(
        Exit::kDamaged,
        fmt::format("not written: {} came before; --on-conflict first, last or rename would say "
                    "which stays",
                    tools::format_count(plan.conflicts(), "key")));
}

// A library has its name in its source, so it cannot get another.
bool Merger::must_refuse(const MergePlan& plan) const {
    if (options_.policy == OnConflict::kFail) return plan.conflicts() + common_.conflicts > 0;
    return options_.policy == OnConflict::kRename && common_.conflicts > 0;
}

Result<Exit> Merger::write(MergePlan& plan, const rdb::DumpOptions& dump) {
    const auto if_exists =
        options_.overwrite ? tools::IfExists::kReplace : tools::IfExists::kRefuse;
    auto file = TM_TRY(session_.create_file(options_.output, if_exists));
    const auto output = TM_TRY(DumpOutput::create(std::move(file), dump));
    uint64_t dropped = 0;
    uint64_t renamed = 0;
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
        MergeSink sink(plan, common_, output->dump(), inputs_[i], i, options_.suffix);
        TM_TRY(read_selected(session_, *inputs_[i].source, filter_, sink, "merging"));
        dropped += sink.dropped();
        renamed += sink.renamed();
    }
    TM_CHECK(output->commit());
    session_.output().json("summary", [&](tools::JsonFile& json) {
        json.StartObject();
        json.Key("files");
        json.Uint64(inputs_.size());
        json.Key("keys");
        json.Uint64(output->dump().keys());
        json.Key("dropped");
        json.Uint64(dropped);
        json.Key("renamed");
        json.Uint64(renamed);
        json.Key("libraries_dropped");
        json.Uint64(common_.conflicts);
        json.EndObject();
    });
    std::string what = fmt::format("{} of {}", tools::format_count(output->dump().keys(), "key"),
                                   tools::format_count(inputs_.size(), "file"));
    if (dropped > 0) what += fmt::format("; {} dropped, the name was taken", dropped);
    if (common_.conflicts > 0)
        what += fmt::format("; libraries of functions dropped, the name was taken: {}",
                            common_.conflicts);
    if (renamed > 0) what += fmt::format("; {} renamed, the name was taken", renamed);
    return session_.output().verdict(Exit::kClean, what);
}

Result<Exit> Merger::run() {
    TM_CHECK(open_inputs());
    const rdb::DumpOptions dump = TM_TRY(dump_options());
    std::vector<uint64_t> sizes;
    for (const MergeInput& input : inputs_) sizes.push_back(input.source->size());
    MergePlan plan(spool_folder(session_), std::move(sizes));
    TM_CHECK(read_names(plan));
    if (must_refuse(plan)) return refuse(plan);
    TM_CHECK(check_new_names(plan));
    return write(plan, dump);
}

Result<Exit> run_merge(const MergeOptions& options, Session& session) {
    return Merger(options, session, TM_TRY(make_filter(options.filter, now_ms()))).run();
}

}  // namespace

tools::Run declare_merge(tools::Options& app) {
    const tools::Options::Words<OnConflict> policies = {{"fail", OnConflict::kFail},
                                                        {"first", OnConflict::kFirst},
                                                        {"last", OnConflict::kLast},
                                                        {"rename", OnConflict::kRename}};
    auto options = std::make_shared<MergeOptions>();
    app.add("files", options->files, "the dumps, in the order of their precedence").required();
    app.add("-o,--output", options->output, "the dump to write").type_name("FILE").required();
    app.add("--on-conflict", options->policy, policies,
            "for a key that several have: fail, first, last or rename [fail]")
        .type_name("POLICY");
    app.add("--suffix", options->suffix, "rename puts this and the file's number behind a name [@]")
        .type_name("TEXT");
    app.add_flag("--overwrite", options->overwrite, "replace the output if it exists");
    app.add_flag("--no-seal", options->no_seal, "without seals and index");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_merge(*options, session); };
}

}  // namespace tidemark::rdb_check
