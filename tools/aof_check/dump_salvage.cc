#include "tools/aof_check/dump_salvage.h"

#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/resync.h"
#include "tools/common/text.h"
#include "tools/rdb_check/check_setup.h"
#include "tools/rdb_check/diagnosis.h"
#include "tools/rdb_check/dump_head.h"
#include "tools/rdb_check/rewrite.h"

namespace tidemark::aof_check {

namespace {

constexpr uint64_t kDumpEndBytes = 9;  // EOF and the checksum
constexpr char kDumpEof = '\xff';
constexpr std::string_view kTimePrefix = "#TS:";
constexpr size_t kTimeLineMax = 32;

// The beginning of a log's file as a dump.
class DumpInput final : public rdb::Input {
public:
    DumpInput(aof::ByteSource& source, uint64_t end) : source_(source), end_(end) {}
    uint64_t size() const override { return end_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        if (offset >= end_) return size_t{0};
        return source_.read_at(to, std::min<uint64_t>(length, end_ - offset), offset);
    }

private:
    aof::ByteSource& source_;
    uint64_t end_;
};

class LogSink final : public rdb::ByteSink {
public:
    explicit LogSink(const NewLog::Write& write) : write_(write) {}
    Status write(std::string_view bytes) override { return write_(bytes); }

private:
    const NewLog::Write& write_;
};

// Where the time that may stand in front of a record begins.
Result<uint64_t> begin_with_time(aof::ByteSource& source, uint64_t record) {
    std::string before(std::min<uint64_t>(record, kTimeLineMax), '\0');
    before.resize(TM_TRY(source.read_at(before.data(), before.size(), record - before.size())));
    const size_t at = before.rfind(kTimePrefix);
    if (at == std::string::npos) return record;
    const size_t end = before.find_first_not_of("0123456789", at + kTimePrefix.size());
    if (end == std::string::npos || before.substr(end) != "\r\n") return record;
    return record - (before.size() - at);
}

Result<bool> is_behind_dump(aof::ByteSource& source, uint64_t offset) {
    if (offset < kDumpEndBytes) return false;
    char byte = 0;
    const size_t got = TM_TRY(source.read_at(&byte, 1, offset - kDumpEndBytes));
    return got == 1 && byte == kDumpEof;
}

Result<bool> is_log_to_its_end(aof::ByteSource& source, uint64_t offset) {
    aof::Scanner scanner(source, offset, source.size(), aof::Hold::kBounded);
    while (true) {
        const aof::Item item = scanner.next();
        if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
        if (item.kind == aof::ItemKind::kProblem) return item.problem == aof::Problem::kTruncated;
        if (item.kind == aof::ItemKind::kEnd) return true;
        scanner.release();
    }
}

}  // namespace

// Values may hold the text of a log, too; there an EOF byte in the right place is a rare accident.
Result<uint64_t> find_end_of_dump(aof::ByteSource& source, uint64_t damage_at,
                                  const aof::CommandNames& names) {
    // A length that is wrong can lead the reader past the end of the dump: then once more from the
    // beginning.
    std::optional<uint64_t> first;  // behind the damage
    for (const uint64_t start : {damage_at, uint64_t{0}}) {
        aof::SearchBudget budget(source.size());
        for (uint64_t at = start;;) {
            const auto record = TM_TRY(
                aof::none_at_limit(aof::find_record(source, at, source.size(), names, budget)));
            if (!record) break;
            const uint64_t begin = TM_TRY(begin_with_time(source, *record));
            if (TM_TRY(is_behind_dump(source, begin))) return begin;
            if (!first && start == damage_at) first = begin;
            at = *record + 1;
        }
    }
    // It may be the EOF byte that is damaged.
    if (first && TM_TRY(is_log_to_its_end(source, *first))) return *first;
    return source.size();
}

class DumpSalvage::Parts {
public:
    Parts(aof::ByteSource& source, uint64_t end, tools::Session& session)
        : session_(session), input_(source, end) {}

    uint64_t end() const { return input_.size(); }

    Status diagnose() {
        rdb::Primitives in(input_);
        const rdb_check::DumpHead head = TM_TRY(rdb_check::read_dump_head(in));
        diagnosis_ = TM_TRY(rdb_check::diagnose(
            input_, head, rdb_check::make_settings(session_), rdb_check::Restore::kChangedBytes,
            session_.stop(), [](const rdb::Finding&) {}, [](uint64_t) {}));
        return {};
    }

    Result<rdb_check::RewriteResult> write(const NewLog::Write& write) {
        LogSink out(write);
        rdb_check::RewriteOptions how;
        const bool has_seals = diagnosis_.summary.segments > 0;
        how.sealing = has_seals ? rdb::Sealing::kOn : rdb::Sealing::kOff;
        how.spool_folder = session_.spool_folder();
        rdb_check::Rewrite rewrite(*diagnosis_.input, diagnosis_.summary, out, how,
                                   session_.stop());
        return rewrite.run();
    }

    uint64_t restored() const { return diagnosis_.restored; }

private:
    tools::Session& session_;
    DumpInput input_;
    rdb_check::Diagnosis diagnosis_;
};

DumpSalvage::DumpSalvage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DumpSalvage::~DumpSalvage() = default;

Result<std::unique_ptr<DumpSalvage>> DumpSalvage::create(aof::ByteSource& source, uint64_t end,
                                                         tools::Session& session) {
    auto parts = std::make_unique<Parts>(source, end, session);
    TM_CHECK(parts->diagnose());
    return std::unique_ptr<DumpSalvage>(new DumpSalvage(std::move(parts)));
}

uint64_t DumpSalvage::end() const {
    return parts_->end();
}

Status DumpSalvage::write(const NewLog::Write& write, const std::string& name,
                          RepairReport& report) {
    const rdb_check::RewriteResult result = TM_TRY(parts_->write(write));
    const size_t said_before = report.mended.size() + report.losses.size();
    const auto mended = [&](uint64_t count, std::string_view what) {
        if (count > 0) report.mended.push_back(fmt::format("{}: {} {}", name, count, what));
    };
    const auto lost = [&](uint64_t begin, uint64_t end, std::string why) {
        report.losses.push_back({name, begin, end, std::move(why), {}, false});
    };
    mended(parts_->restored(), "changed bytes of the dump restored from its checksum");
    mended(result.values_mended, "values of the dump written anew, with counts that fit");
    mended(result.scores_set, "scores of the dump that were not numbers set to 0");
    mended(result.empty_dropped, "empty collections of the dump left out");
    for (const rdb_check::LostRange& range : result.lost) {
        std::string why = range.what;
        if (!range.key.empty()) why += fmt::format(", key \"{}\"", tools::escape_short(range.key));
        lost(range.begin, range.end, std::move(why));
    }
    if (result.duplicates_dropped > 0)
        lost(0, 0, fmt::format("{} keys of the dump were there twice", result.duplicates_dropped));
    if (report.mended.size() + report.losses.size() > said_before) return {};
    report.mended.push_back(fmt::format(
        "{}: the dump's checksum fails and does not tell where: all {} keys can be read, but a "
        "value may be wrong",
        name, result.keys));
    return {};
}

}  // namespace tidemark::aof_check
