#include "tools/rdb_check/record_stepper.h"

#include <algorithm>

#include "rdb/codec/types.h"
#include "tools/common/text.h"
#include "tools/dump_diff/key_log.h"

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
                             const StepperOptions& options)
    : reader_(input, sink, options.spill, options.nan_scores), head_(head), names_(options.names) {}

void RecordStepper::seek(const WalkPlace& place) {
    reader_.start_at(place.offset, {head_.dialect, head_.version, place.db});
}

// All of the step but its end, which is known when the value has been read.
Status RecordStepper::next() {
    const rdb::Record& record = *TM_TRY(reader_.next());
    step_.kind = record.kind;
    step_.begin = step_.offset = record.offset;
    step_.db = reader_.state().db;
    if (!step_.is_key()) return {};
    step_.begin = record.key.begin_offset;
    step_.type = record.key.type;
    step_.name_bytes = record.key.name.size();
    step_.is_name_text = names_ == LookAtNames::kYes && is_text(record.key.name);
    step_.key_hash = hash_key(step_.db, record.key.name);
    step_.expire_at_ms = record.key.expire_at_ms;
    return {};
}

Result<const Step*> RecordStepper::read() {
    TM_CHECK(next());
    if (step_.is_key()) TM_CHECK(reader_.read_value());
    step_.end = reader_.offset();
    return &step_;
}

Result<const Step*> RecordStepper::skip() {
    TM_CHECK(next());
    if (step_.is_key()) TM_CHECK(reader_.skip_value());
    step_.end = reader_.offset();
    return &step_;
}

rdb::Finding RecordStepper::finding() const {
    if (const rdb::Finding* finding = reader_.finding()) return *finding;
    return {};
}

}  // namespace tidemark::rdb_check
