#include "tools/rdb_check/reading.h"

#include <fmt/format.h>

#include <ctime>

#include "rdb/codec/reader.h"
#include "tools/dump_diff/unique_log.h"
#include "tools/rdb_check/element_counter.h"
#include "tools/rdb_check/gate_sink.h"

namespace tidemark::rdb_check {

namespace {

constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

// What belongs to no key, of which a filter chooses nothing.
class OutsideSink final : public GateSink {
public:
    OutsideSink(const Filter& filter, rdb::ValueSink& to)
        : GateSink(to), is_wanted_(filter.accepts_everything()) {}

    Status function(std::string_view source) override {
        return is_wanted_ ? to().function(source) : Status();
    }
    Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override {
        return is_wanted_ ? to().module_aux(module, begin, end) : Status();
    }
    Status begin_key(const rdb::KeyRecord&) override { return {}; }
    Status end_key(uint64_t) override { return {}; }

private:
    bool is_wanted_;
};

class Selection {
public:
    Selection(tools::Session& session, tools::Source& source, const Filter& filter,
              rdb::ValueSink& to)
        : session_(session),
          source_(source),
          filter_(filter),
          to_(to),
          outside_(filter, to),
          members_(spool_folder(session)),
          records_(source, outside_, &members_) {}

    Result<Reading> read(const std::string& label);
    // Whether an error is about what the dump holds, and not of who was told of it.
    bool has_finding() const { return records_.finding() != nullptr; }

private:
    Status read_key(const rdb::KeyRecord& key);
    Status read_open(rdb::KeyRecord key);
    Status tell(tools::Progress& progress);

    tools::Session& session_;
    tools::Source& source_;
    const Filter& filter_;
    rdb::ValueSink& to_;
    OutsideSink outside_;
    UniqueLog members_;  // of collections that are too large for memory
    rdb::RecordReader records_;
    ElementCounter counter_;
    Reading reading_;
    uint64_t next_progress_ = 0;
};

Status Selection::tell(tools::Progress& progress) {
    if (records_.offset() < next_progress_) return {};
    next_progress_ = records_.offset() + kProgressBytes;
    progress.update(records_.offset());
    return session_.stop().check();
}

Result<Reading> Selection::read(const std::string& label) {
    const auto progress = session_.progress(label, source_.size());
    TM_CHECK(records_.read_head());
    while (true) {
        TM_CHECK(tell(*progress));
        const rdb::Record& record = *TM_TRY(records_.next());
        if (record.kind == rdb::RecordKind::kEof) break;
        if (record.kind == rdb::RecordKind::kKey) TM_CHECK(read_key(record.key));
    }
    TM_CHECK(records_.read_trailer());
    TM_CHECK(to_.end());
    TM_CHECK(source_.check_unchanged());
    reading_.dialect = records_.state().dialect;
    reading_.version = records_.state().version;
    return reading_;
}

Status Selection::read_key(const rdb::KeyRecord& key) {
    ++reading_.seen;
    const Verdict verdict = TM_TRY(filter_.judge(facts_of(key)));
    if (verdict == Verdict::kNo) return records_.skip_value();
    if (verdict == Verdict::kOpen) return read_open(key);
    ++reading_.selected;
    return records_.read_value(to_);
}

// What the value says decides: it is counted first, and read again if it is wanted.
Status Selection::read_open(rdb::KeyRecord key) {
    rdb::ReaderState state = records_.state();
    TM_CHECK(records_.read_value(counter_));
    KeyFacts facts = facts_of(key);
    facts.bytes = records_.offset() - key.begin_offset;
    facts.elements = counter_.elements();
    if (TM_TRY(filter_.judge(facts)) != Verdict::kYes) return {};
    ++reading_.selected;
    state.db = key.db;
    records_.start_at(key.begin_offset, state);
    TM_TRY(records_.next());
    return records_.read_value(to_);
}

}  // namespace

Result<Reading> read_selected(tools::Session& session, tools::Source& source, const Filter& filter,
                              rdb::ValueSink& to, const std::string& label) {
    Selection selection(session, source, filter, to);
    Result<Reading> reading = selection.read(label);
    if (reading && source.unpack_error()) reading = fail(*source.unpack_error());
    if (reading || !is_about_the_dump(reading.error())) return reading;
    if (!selection.has_finding() && !source.unpack_error() && reading.error().offset != kNoOffset) {
        Error refusal = std::move(reading).error();
        if (refusal.code == ErrorCode::kUnsupported)
            refusal.what += fmt::format(" (at offset {})", refusal.offset);
        return fail(std::move(refusal));
    }
    session.output().set_file(source.name());
    if (reading.error().code != ErrorCode::kUnsupported) session.say_if_fresh(source);
    if (reading.error().offset == kNoOffset) return reading;
    Error error = rdb::in_words(std::move(reading).error());
    if (error.code != ErrorCode::kUnsupported)
        error.what += "; `rdb-check check` tells more, `rdb-check salvage` keeps the rest";
    return fail(std::move(error));
}

bool is_about_the_dump(const Error& error) {
    return error.code == ErrorCode::kTruncated || error.code == ErrorCode::kCorrupt ||
           error.code == ErrorCode::kUnsupported;
}

std::string spool_folder(const tools::Session& session) {
    return session.spool_folder();
}

int64_t now_ms() {
    return int64_t{1000} * time(nullptr);
}

}  // namespace tidemark::rdb_check
