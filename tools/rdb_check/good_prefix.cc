#include "tools/rdb_check/good_prefix.h"

#include <algorithm>
#include <utility>

#include "rdb/codec/type_numbers.h"
#include "rdb/codec/types.h"
#include "tools/rdb_check/nowhere.h"

namespace tidemark::rdb_check {

Status PrefixSink::begin_key(const rdb::KeyRecord& key) {
    kind_ = key.type->kind == "string"   ? Kind::kString
            : key.type->kind == "stream" ? Kind::kStream
                                         : Kind::kOther;
    set_gate(Gate::kOpen);
    return to().begin_key(key);
}

Status PrefixSink::finish(uint64_t end_offset) {
    if (kind_ == Kind::kString && has_length_) TM_CHECK(to().string({}));
    if (kind_ == Kind::kStream) TM_CHECK(finish_stream());
    passed_.nodes = nodes_.nodes();
    return to().end_key(end_offset);
}

Status PrefixSink::count(Status passed_on) {
    TM_CHECK(passed_on);
    if (is_open() && ++passed_.elements == wanted_.elements) set_gate(Gate::kShut);
    return {};
}

// --- a string: its bytes are counted

Status PrefixSink::long_string(uint64_t bytes) {
    if (kind_ == Kind::kOther) return GateSink::long_string(bytes);
    if (kind_ == Kind::kStream) return {};
    has_length_ = true;
    return to().long_string(wanted_.elements);
}

Status PrefixSink::part(std::string_view bytes) {
    if (kind_ == Kind::kOther) return GateSink::part(bytes);
    if (kind_ == Kind::kStream) {
        parts_.append(bytes);
        return {};
    }
    const std::string_view kept = bytes.substr(0, wanted_.elements - passed_.elements);
    passed_.elements += kept.size();
    return to().part(kept);
}

Status PrefixSink::string(std::string_view rest) {
    if (!has_length_) TM_CHECK(long_string(rest.size()));
    return part(rest);
}

// --- a stream: its entries are put into new nodes

Status PrefixSink::begin_stream(uint64_t) {
    return to().begin_stream(wanted_.nodes);
}

Status PrefixSink::stream_entry(rdb::StreamId id, uint64_t fields) {
    id_ = id;
    texts_.clear();
    texts_wanted_ = 2 * fields;
    return texts_wanted_ == 0 ? take_entry() : Status();
}

Status PrefixSink::stream_text(std::string_view rest) {
    texts_.push_back(std::exchange(parts_, {}).append(rest));
    return texts_.size() == texts_wanted_ ? take_entry() : Status();
}

Status PrefixSink::take_entry() {
    if (passed_.elements == wanted_.elements) return {};
    if (passed_.elements++ == 0) state_.first_id = id_;
    state_.last_id = id_;
    return nodes_.add(id_, std::move(texts_));
}

Status PrefixSink::stream_state(const rdb::StreamState& state) {
    state_.max_deleted_id = state.max_deleted_id;
    state_.last_id = std::max(state_.last_id, state.last_id);
    state_.entries_added = state.entries_added;
    return {};
}

Status PrefixSink::finish_stream() {
    TM_CHECK(nodes_.finish());
    state_.length = passed_.elements;
    state_.entries_added = std::max(state_.entries_added, state_.length);
    TM_CHECK(to().stream_state(state_));
    TM_CHECK(to().stream_producers({}));
    return to().stream_producers_end({});
}

// --- the record

Result<GoodPrefix> GoodPrefix::find(rdb::Input& input, const DumpHead& head, const Step& record) {
    GoodPrefix prefix(input, head, record);
    Nowhere nowhere;
    Reading reading = TM_TRY(prefix.read(nowhere, {}));
    if (TM_TRY(prefix.unpack(reading.damage))) reading = TM_TRY(prefix.read(nowhere, {}));
    prefix.sound_ = reading.sound;
    return prefix;
}

Status GoodPrefix::write(rdb::ValueSink& to) {
    TM_TRY(read(to, sound_));
    return {};
}

Result<GoodPrefix::Reading> GoodPrefix::read(rdb::ValueSink& to, const Prefix& wanted) {
    PrefixSink sink(to, wanted);
    rdb::Input& input = unpacked_ ? static_cast<rdb::Input&>(*unpacked_) : *input_;
    // Without a spill: members that are there twice are to be noticed where they stand.
    rdb::RecordReader reader(input, sink);
    reader.start_at(record_.begin, {head_.dialect, head_.version, record_.db});
    TM_TRY(reader.next());
    const Status status = reader.read_value();
    if (!status && reader.finding() == nullptr) return fail(status.error());
    TM_CHECK(sink.finish(record_.end));
    return Reading{sink.passed(), status ? rdb::Finding{} : *reader.finding()};
}

// Whether a compressed string was what is damaged, and is replaced now.
Result<bool> GoodPrefix::unpack(const rdb::Finding& damage) {
    if (damage.code != rdb::FindingCode::kBadString) return false;
    const std::optional<Filling> filling = TM_TRY(filling_for(damage));
    if (!filling) return false;
    unpacked_ = TM_TRY(UnpackedInput::make(*input_, damage.begin, *filling));
    return unpacked_.has_value();
}

// Nothing where the string is an element: half of one is none.
Result<std::optional<Filling>> GoodPrefix::filling_for(const rdb::Finding& damage) {
    using Answer = std::optional<Filling>;
    const std::string_view kind = record_.type->kind;
    if (kind == "string") return Answer(Filling::kNone);
    if (record_.type->number != rdb::type::kListQuicklist2)
        return kind == "stream" || !damage.element ? Answer(Filling::kToSize) : Answer();
    char container = 0;
    TM_TRY(input_->read_at(&container, 1, damage.begin - 1));
    return container == rdb::quicklist::kPacked ? Answer(Filling::kToSize) : Answer();
}

}  // namespace tidemark::rdb_check
