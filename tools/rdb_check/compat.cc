#include "tools/rdb_check/compat.h"

#include <fmt/format.h>

#include "base/version.h"
#include "rdb/codec/types.h"
#include "tools/common/print.h"
#include "tools/common/tool.h"
#include "tools/rdb_check/check_setup.h"
#include "tools/rdb_check/record_stepper.h"

namespace tidemark::rdb_check {

namespace {

// Counts, and says what that program says while it reads.
class Narrator final : public rdb::ValueSink {
public:
    Narrator(FILE* to, int64_t now_ms) : to_(to), now_ms_(now_ms) {}

    void aux(std::string_view name, std::string_view value) override {
        if (name.starts_with(rdb::kOwnAuxPrefix)) return;
        aux_ = fmt::format("AUX FIELD {} = '{}'", tools::escape(name), tools::escape(value));
    }
    Status begin_key(const rdb::KeyRecord& key) override {
        name_ = key.name;
        type_ = key.type;
        return {};
    }

    // Behind each record.
    void on_step(const Step& step) {
        if (!aux_.empty()) say(step.end, aux_);
        aux_.clear();
        if (step.kind == rdb::RecordKind::kSelectDb)
            say(step.end, fmt::format("Selecting DB ID {}", step.db));
        if (!step.is_key()) return;
        ++keys_;
        if (!step.expire_at_ms) return;
        ++expires_;
        if (*step.expire_at_ms < now_ms_) ++expired_;
    }
    void say(uint64_t offset, std::string_view text) {
        tools::print(to_, "[offset {}] {}\n", offset, text);
    }
    void say_error(uint64_t offset, std::string_view text, std::string_view doing) {
        tools::print(to_, "--- RDB ERROR DETECTED ---\n");
        say(offset, text);
        tools::print(to_, "[additional info] While doing: {}\n", doing);
        if (type_ == nullptr) return;
        tools::print(to_, "[additional info] Reading key '{}'\n", tools::escape(name_));
        tools::print(to_, "[additional info] Reading type {} ({}, {})\n", type_->number,
                     type_->kind, type_->encoding);
    }
    void say_counts() {
        tools::print(to_, "[info] {} keys read\n[info] {} expires\n[info] {} already expired\n",
                     keys_, expires_, expired_);
    }
    void forget_key() { type_ = nullptr; }

private:
    FILE* to_;
    int64_t now_ms_;
    std::string aux_;
    std::string name_;
    const rdb::TypeRow* type_ = nullptr;
    uint64_t keys_ = 0;
    uint64_t expires_ = 0;
    uint64_t expired_ = 0;
};

// To EOF, or false after having said the error.
Result<bool> read_records(rdb::Input& input, const DumpHead& head, Narrator& narrator,
                          const tools::StopFlag& stop) {
    RecordStepper stepper(input, head, narrator);
    stepper.seek({rdb::kHeadBytes, 0});
    while (true) {
        TM_CHECK(stop.check());
        const auto step = stepper.read();
        if (!step) {
            narrator.say_error(stepper.place().offset, step.error().what, "read-object-value");
            return false;
        }
        narrator.on_step(**step);
        if ((*step)->is_eof()) return true;
    }
}

// What one record does not show: the checksum, keys that are there twice, dbs out of range.
Result<bool> judge_whole(rdb::Input& input, const DumpHead& head, const CheckSettings& settings,
                         Narrator& narrator, const tools::StopFlag& stop) {
    std::optional<rdb::Finding> first;
    CheckRun run(
        input, head, settings, stop,
        [&](const rdb::Finding& finding) {
            const bool is_error = row_of(finding.code).severity == rdb::Severity::kError;
            if (is_error && !first) first = finding;
        },
        [](uint64_t) {});
    const CheckSummary summary = TM_TRY(run.run());
    narrator.forget_key();
    if (first) {
        const bool is_sum = first->code == rdb::FindingCode::kChecksumMismatch;
        narrator.say_error(is_sum ? summary.end_offset : first->begin,
                           is_sum ? "RDB CRC error" : first->what,
                           is_sum ? "check-sum" : "read-object-value");
        return false;
    }
    if (summary.checksum == CheckSummary::Checksum::kFits)
        narrator.say(summary.end_offset, "Checksum OK");
    if (summary.checksum == CheckSummary::Checksum::kAbsent) {
        narrator.say(summary.end_offset,
                     "RDB file was saved with checksum disabled: no check performed.");
    }
    narrator.say(summary.end_offset, "\\o/ RDB looks OK! \\o/");
    return true;
}

Result<bool> check_file(tools::Session& session, const std::string& path, Narrator& narrator) {
    const auto source = TM_TRY(session.open(path));
    rdb::Primitives in(*source);
    const auto head = read_dump_head(in);
    if (!head || !head->is_known()) {
        narrator.say_error(rdb::kHeadBytes,
                           head ? fmt::format("Can't handle RDB format version {}", head->version)
                                : "Wrong signature trying to load DB from file",
                           "start");
        return false;
    }
    if (!TM_TRY(read_records(*source, *head, narrator, session.stop()))) return false;
    return judge_whole(*source, *head, make_settings(session), narrator, session.stop());
}

}  // namespace

int run_as_redis_check_rdb(const std::vector<std::string>& args, const tools::Console& console) {
    if (args.size() != 1) {
        tools::print(console.err, "Usage: {} <rdb-file-name>\n", kCompatName);
        return 1;
    }
    if (args[0] == "-v" || args[0] == "--version") {
        tools::print(console.out, "{} {} (tidemark)\n", kCompatName, kVersion);
        return tools::end_printing(kCompatName, console, 0) == 0 ? 0 : 1;
    }
    tools::CommonOptions options;
    options.quiet = true;
    tools::Session session(console, options, kCompatName);
    tools::print(console.out, "[offset 0] Checking RDB file {}\n", tools::escape(args[0]));
    Narrator narrator(console.out, make_settings(session).limits.now_ms);
    const auto is_fine = check_file(session, args[0], narrator);
    if (!is_fine) {
        tools::print(console.err, "{}: {}\n", kCompatName, is_fine.error().what);
        return 1;
    }
    narrator.say_counts();
    return tools::end_printing(kCompatName, console, *is_fine ? 0 : 1) == 0 ? 0 : 1;
}

}  // namespace tidemark::rdb_check
