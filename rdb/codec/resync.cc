#include "rdb/codec/resync.h"

#include <algorithm>

#include "rdb/codec/seal.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

// What a chain must weigh: the record itself and three that vouch for it. Short names weigh less;
// those that are mostly control characters nothing, since packed integers look like that.
constexpr int kChainWeight = 16;
constexpr int kUsualWeight = 4;
constexpr int kShortWeight = 1;
constexpr int kChainRecordsMax = 64;
// A chain that fits by its framing over so many bytes is believed without looking into its values.
constexpr uint64_t kDeepBytesMax = 64 * 1024 * 1024;
// More dbs than anybody configures.
constexpr uint64_t kDbsMax = uint64_t{1} << 20;
constexpr size_t kWindowBytes = 64 * 1024;
// A record up to this size is looked into for records that it has swallowed.
constexpr uint64_t kInsideBytesMax = 64 * 1024;

bool is_fault_of_input(const Error& error) {
    return error.code != ErrorCode::kTruncated && error.code != ErrorCode::kCorrupt &&
           error.code != ErrorCode::kUnsupported;
}

int weight_of(const Record& record) {
    if (record.kind == RecordKind::kAux) return kUsualWeight;
    if (record.kind != RecordKind::kKey) return 0;
    const std::string_view name = record.key.name;
    if (name.empty()) return 0;
    const auto control = static_cast<size_t>(std::count_if(
        name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) < ' '; }));
    if (control > name.size() / 4) return 0;
    return name.size() > 1 ? kUsualWeight : kShortWeight;
}

}  // namespace

void Resynchroniser::Doubts::warning(const Finding& finding) {
    any = any || finding.code == FindingCode::kNonCanonical ||
          finding.code == FindingCode::kTypeNewerThanVersion;
}

Resynchroniser::Resynchroniser(Input& input, const ReaderState& state)
    : input_(input), state_(state), records_(input, doubts_) {}

bool Resynchroniser::may_begin(uint8_t first) const {
    if (first >= opcode::kKeyMeta) return first != opcode::kFunctionPreGa;
    const TypeRow* row = find_type(state_.dialect, first);
    return row != nullptr && row->decode != nullptr && row->since <= state_.version;
}

bool Resynchroniser::is_likely(const Record& record, std::vector<std::string>& names) const {
    if (doubts_.any) return false;
    if (record.kind == RecordKind::kSelectDb) return records_.state().db < kDbsMax;
    if (record.kind != RecordKind::kKey) return true;
    const std::string name(record.key.name);
    if (names.empty() && name.empty()) return false;
    if (names.empty() && naming_ == Naming::kUsual && weight_of(record) == 0) return false;
    if (std::find(names.begin(), names.end(), name) != names.end()) return false;
    names.push_back(name);
    return true;
}

// An error is one of the input; what the bytes are decides between true and false.
Result<bool> Resynchroniser::is_chain(uint64_t offset, Depth depth) {
    const auto refused = [](const Error& error) -> Result<bool> {
        if (is_fault_of_input(error)) return fail(error);
        return false;
    };
    records_.start_at(offset, state_);
    doubts_.any = false;
    std::vector<std::string> names;
    int weight = 0;
    for (int records = 0; weight < kChainWeight; ++records) {
        if (records == kChainRecordsMax) return false;
        const auto next = records_.next();
        if (!next) return refused(next.error());
        const Record& record = **next;
        if (record.kind == RecordKind::kEof) {
            chain_end_ = records_.offset();
            // The end alone is believed when nothing better is to be found.
            return records_.is_at_end() && (naming_ == Naming::kAny || weight > 0);
        }
        if (!is_likely(record, names)) return false;
        if (record.kind == RecordKind::kKey) {
            const Status value =
                depth == Depth::kDeep ? records_.read_value() : records_.skip_value();
            if (!value) return refused(value.error());
        }
        weight += std::max(weight_of(record), naming_ == Naming::kAny ? kShortWeight : 0);
    }
    chain_end_ = records_.offset();
    return !doubts_.any;
}

Result<bool> Resynchroniser::begins_here(uint64_t offset) {
    naming_ = Naming::kAny;
    return is_chain(offset, Depth::kFraming);
}

// Only a sound chain is worth stopping at when nothing is known of the place.
Result<bool> Resynchroniser::is_sound_chain(uint64_t offset) {
    if (!TM_TRY(is_chain(offset, Depth::kFraming))) return false;
    if (chain_end_ - offset > kDeepBytesMax) return true;
    return is_chain(offset, Depth::kDeep);
}

// By accident the bytes of a damaged value can look like a record that ends where a real one does,
// and swallows those in front of it. If two or more records make up the end of the first one's
// bytes, they are the real ones.
Result<uint64_t> Resynchroniser::first_inside(uint64_t offset) {
    records_.start_at(offset, state_);
    const auto next = records_.next();
    if (!next || (*next)->kind != RecordKind::kKey || !records_.skip_value()) return offset;
    const uint64_t end = records_.offset();
    if (end - offset > kInsideBytesMax) return offset;
    Buffer bytes;
    const size_t got = TM_TRY(input_.read_at(bytes.reserve(end - offset), end - offset, offset));
    for (size_t i = 1; i < got; ++i) {
        if (!may_begin(static_cast<uint8_t>(bytes.data()[i]))) continue;
        if (TM_TRY(keys_up_to(offset + i, end)) >= 2) return offset + i;
    }
    return offset;
}

// How many sound keys make up [offset, end) exactly; 0: it is not made of keys.
Result<int> Resynchroniser::keys_up_to(uint64_t offset, uint64_t end) {
    records_.start_at(offset, state_);
    doubts_.any = false;
    int keys = 0;
    while (records_.offset() < end) {
        const auto next = records_.next();
        if (!next) return is_fault_of_input(next.error()) ? Result<int>(fail(next.error())) : 0;
        if ((*next)->kind != RecordKind::kKey || (*next)->key.name.empty()) return 0;
        const Status value = records_.read_value();
        if (!value) return is_fault_of_input(value.error()) ? Result<int>(fail(value.error())) : 0;
        ++keys;
    }
    return records_.offset() == end && !doubts_.any ? keys : 0;
}

Result<std::optional<Resync>> Resynchroniser::look_at(uint64_t offset) {
    char field[kSealBytes];
    const size_t got = TM_TRY(input_.read_at(field, sizeof field, offset));
    const std::string_view bytes(field, got);
    if (bytes.starts_with(seal_head()) && got == sizeof field) {
        if (const auto segment = parse_seal(bytes, offset)) {
            return std::optional(Resync{offset, segment->next_db});
        }
    }
    if (!TM_TRY(is_sound_chain(offset))) return std::optional<Resync>();
    return std::optional(Resync{TM_TRY(first_inside(offset)), std::nullopt});
}

Result<std::optional<Resync>> Resynchroniser::find(uint64_t from, uint64_t to) {
    naming_ = Naming::kUsual;
    const auto found = TM_TRY(scan(from, to));
    if (found) return found;
    naming_ = Naming::kAny;
    return scan(from, to);
}

Result<std::optional<Resync>> Resynchroniser::scan(uint64_t from, uint64_t to) {
    Buffer window;
    while (from < to) {
        window.clear();
        const auto wanted = static_cast<size_t>(std::min<uint64_t>(kWindowBytes, to - from));
        const size_t got = TM_TRY(input_.read_at(window.reserve(wanted), wanted, from));
        if (got == 0) break;
        window.commit(got);
        for (size_t i = 0; i < got; ++i) {
            if (!may_begin(static_cast<uint8_t>(window.data()[i]))) continue;
            const auto found = TM_TRY(look_at(from + i));
            if (found) return found;
        }
        from += got;
    }
    return std::optional<Resync>();
}

// Where records begin from `offset` on, itself first: a few.
Result<std::vector<uint64_t>> Resynchroniser::borders(uint64_t offset) {
    constexpr size_t kBordersMax = 64;
    records_.start_at(offset, state_);
    std::vector<uint64_t> found = {offset};
    while (found.size() < kBordersMax) {
        const auto next = records_.next();
        if (!next && is_fault_of_input(next.error())) return fail(next.error());
        if (!next || (*next)->kind == RecordKind::kEof) break;
        if ((*next)->kind == RecordKind::kKey && !records_.skip_value()) break;
        found.push_back(records_.offset());
    }
    return found;
}

Result<std::optional<Resync>> Resynchroniser::find_behind(uint64_t before, uint64_t damage) {
    const auto behind = TM_TRY(find(damage + 1));
    const auto inside = TM_TRY(find(before + 1, damage + 1));
    if (!inside || !behind) return inside ? inside : behind;
    // Both ways meet somewhere; the one that has seen more records until then is the right one.
    const auto ours = TM_TRY(borders(inside->offset));
    const auto theirs = TM_TRY(borders(behind->offset));
    for (size_t i = 0; i < ours.size(); ++i) {
        const auto same = std::find(theirs.begin(), theirs.end(), ours[i]);
        if (same == theirs.end()) continue;
        const auto others = static_cast<size_t>(same - theirs.begin()) + 1;  // and the one before
        return i > others ? inside : behind;
    }
    return behind;
}

}  // namespace tidemark::rdb
