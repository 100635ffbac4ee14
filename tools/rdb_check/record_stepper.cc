#include "tools/rdb_check/record_stepper.h"

#include <algorithm>

#include "rdb/codec/types.h"
#include "tools/common/text.h"
#include "tools/rdb_check/key_log.h"

namespace tidemark::rdb_check {

namespace {

bool is_text(std::string_view name) {
    const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<uint8_t>(c) < ' ' || c == '\x7f';
    });
    return !has_control && tools::is_utf8(name);
}

}  // namespace

RecordStepper::RecordStepper(rdb::Input& input, const DumpHead& head, rdb::ValueSink& sink,
                             rdb::UniqueSpill* spill, LookAtNames names, rdb::NanScores nan_scores)
    : reader_(input, sink, spill, nan_scores), head_(head), names_(names) {}

void RecordStepper::seek(const WalkPlace& place) {
    reader_.start_at(place.offset, {head_.dialect, head_.version, place.db});
}

Result<Step> RecordStepper::next() {
    const rdb::Record& record = *TM_TRY(reader_.next());
    Step step;
    step.kind = record.kind;
    step.begin = step.offset = record.offset;
    step.db = reader_.state().db;
    if (!step.is_key()) return step;
    step.begin = record.key.begin_offset;
    step.type = record.key.type;
    step.name_bytes = record.key.name.size();
    if (names_ == LookAtNames::kYes) step.is_name_text = is_text(record.key.name);
    step.key_hash = hash_key(step.db, record.key.name);
    step.expire_at_ms = record.key.expire_at_ms;
    return step;
}

Result<Step> RecordStepper::read() {
    Step step = TM_TRY(next());
    if (step.is_key()) TM_CHECK(reader_.read_value());
    step.end = reader_.offset();
    return step;
}

Result<Step> RecordStepper::skip() {
    Step step = TM_TRY(next());
    if (step.is_key()) TM_CHECK(reader_.skip_value());
    step.end = reader_.offset();
    return step;
}

rdb::Finding RecordStepper::finding() const {
    if (const rdb::Finding* finding = reader_.finding()) return *finding;
    return {};
}

}  // namespace tidemark::rdb_check
