// The entries of a stream, and what its types have in common.
//
//   length nodes | (string: ID of the master | string: listpack)...
//   length of live entries | last ID | from type 19: first ID, last deleted ID, entries added
//   groups (decode_stream_groups.cc) | type 26: producers
//
// An ID is two lengths, or 16 bytes, big-endian, where it is a string. A node's listpack:
//
//   live | deleted | n | n field names | 0                                      the master
//   flags | ms | seq | [n unless flag 2] | fields and values | elements of it   an entry...
//
// ms and seq are distances from the master's ID; flag 1: deleted; flag 2: the master's fields, and
// values alone follow.

#include "rdb/codec/decode_stream.h"

#include <fmt/format.h>

#include "engine/encoding/little_endian.h"
#include "rdb/codec/decoders.h"

namespace tidemark::rdb {

namespace {

constexpr int64_t kFlagDeleted = 1;
constexpr int64_t kFlagMasterFields = 2;

}  // namespace

std::string to_text(StreamId id) {
    return fmt::format("{}-{}", id.ms, id.seq);
}

tl::unexpected<Error> StreamEntries::inconsistent(std::string what,
                                                  std::optional<ServerDoes> server) {
    return to_.bad(FindingCode::kStreamInconsistent, to_.packed.element_offset(), std::move(what),
                   server);
}

Status StreamEntries::next(std::string_view wanted) {
    if (to_.packed.at_end()) {
        // That there is nothing at all is what every server sees.
        std::optional<ServerDoes> server;
        if (to_.packed.seen() == 0) server = ServerDoes::kRefuses;
        return inconsistent(fmt::format("a node of the stream ends where {} must be", wanted),
                            server);
    }
    return to_.packed.next();
}

Result<int64_t> StreamEntries::next_integer(std::string_view wanted) {
    TM_CHECK(next(wanted));
    if (to_.packed.value().is_integer) return to_.packed.value().integer;
    return inconsistent(fmt::format("{} of a stream's node is not a number", wanted));
}

Status StreamEntries::decode() {
    nodes_ = TM_TRY(to_.in.count(2 + kStreamIdBytes));
    TM_CHECK(to_.sink().begin_stream(nodes_));
    for (uint64_t i = 0; i < nodes_; ++i) TM_CHECK(decode_node());
    return {};
}

Result<StreamId> StreamEntries::node_id() {
    const uint64_t begin = to_.in.offset();
    const std::string_view text = TM_TRY(to_.in.string());
    if (text.size() != kStreamIdBytes) {
        return to_.bad(FindingCode::kStreamInconsistent, begin,
                       fmt::format("the ID of a stream's node has {} bytes", text.size()));
    }
    const StreamId id{__builtin_bswap64(encoding::load_le<uint64_t>(text.data())),
                      __builtin_bswap64(encoding::load_le<uint64_t>(text.data() + 8))};
    if (node_before_ && id <= *node_before_) {
        const bool is_second = id == *node_before_;
        return to_.bad(is_second ? FindingCode::kDuplicateElement : FindingCode::kBadOrder, begin,
                       fmt::format("node {} of the stream comes behind {}", to_text(id),
                                   to_text(*node_before_)),
                       is_second ? ServerDoes::kRefuses : ServerDoes::kLoads);
    }
    node_before_ = id;
    return id;
}

Status StreamEntries::decode_node() {
    const StreamId id = TM_TRY(node_id());
    TM_CHECK(to_.open_packed(PackedForm::kListpack));
    const bool is_whole = to_.blob.is_whole();
    TM_CHECK(to_.sink().stream_node(id, is_whole ? to_.blob.whole() : std::string_view()));
    const Master master = TM_TRY(master_entry(id));
    const uint64_t live_before = live_;
    const uint64_t entries_before = entries_;
    while (!to_.packed.at_end()) TM_CHECK(decode_entry(master));
    TM_CHECK(to_.packed.end());
    const uint64_t live = live_ - live_before;
    const uint64_t deleted = entries_ - entries_before - live;
    if (live != static_cast<uint64_t>(master.live) ||
        deleted != static_cast<uint64_t>(master.deleted)) {
        return inconsistent(
            fmt::format("node {} says that {} entries live and {} are deleted, and has {} and {}",
                        to_text(id), master.live, master.deleted, live, deleted),
            ServerDoes::kLoadsUnseen);
    }
    return {};
}

Result<StreamEntries::Master> StreamEntries::master_entry(StreamId id) {
    Master master;
    master.id = id;
    master.live = TM_TRY(next_integer("the number of live entries"));
    master.deleted = TM_TRY(next_integer("the number of deleted entries"));
    const int64_t fields = TM_TRY(next_integer("the number of fields"));
    if (fields < 0) return inconsistent(fmt::format("{} is no number of fields", fields));
    master.fields = static_cast<uint64_t>(fields);
    names_.clear();
    name_ends_.clear();
    for (uint64_t i = 0; i < master.fields; ++i) TM_CHECK(keep_name());
    if (TM_TRY(next_integer("the end of the master entry")) != 0) {
        return inconsistent("the master entry of a node does not end with 0");
    }
    return master;
}

// Field names are repeated with each entry, so they are held: no more of them than a node that is
// held has.
Status StreamEntries::keep_name() {
    TM_CHECK(next("a field's name"));
    const uint64_t bytes = to_.packed.long_bytes();
    if (names_.size() + bytes > kWholeBlobMax || name_ends_.size() > kWholeBlobMax / 8) {
        return to_.bad(FindingCode::kUnsupported, to_.packed.element_offset(),
                       "the field names of a stream's node are too long");
    }
    if (bytes == 0) {
        encoding::Digits digits;
        names_ += to_.packed.value().text(digits);
    } else {
        for (uint64_t left = bytes; left > 0;) {
            TM_CHECK(to_.blob.need(1));
            const size_t step = std::min<uint64_t>(left, to_.blob.available());
            names_.append(to_.blob.data(), step);
            to_.blob.consume(step);
            left -= step;
        }
        TM_CHECK(to_.packed.end_long());
    }
    name_ends_.push_back(names_.size());
    return {};
}

Result<StreamEntries::Entry> StreamEntries::entry_head(const Master& master) {
    Entry entry;
    const int64_t flags = TM_TRY(next_integer("an entry's flags"));
    entry.is_deleted = (flags & kFlagDeleted) != 0;
    entry.has_master_fields = (flags & kFlagMasterFields) != 0;
    // Distances may be negative; unsigned sums wrap as they do in Redis.
    entry.id.ms = master.id.ms + static_cast<uint64_t>(TM_TRY(next_integer("an entry's time")));
    entry.id.seq = master.id.seq + static_cast<uint64_t>(TM_TRY(next_integer("an entry's number")));
    if (entries_ > 0 && entry.id <= last_) {
        return to_.bad(FindingCode::kBadOrder, to_.packed.element_offset(),
                       fmt::format("entry {} comes behind {}", to_text(entry.id), to_text(last_)),
                       ServerDoes::kLoads);
    }
    entry.fields = master.fields;
    if (!entry.has_master_fields) {
        const int64_t fields = TM_TRY(next_integer("the number of an entry's fields"));
        if (fields < 0) return inconsistent(fmt::format("{} is no number of fields", fields));
        entry.fields = static_cast<uint64_t>(fields);
    }
    return entry;
}

Status StreamEntries::decode_entry(const Master& master) {
    to_.at_element(entries_);
    const uint64_t begin = to_.packed.seen();
    const Entry entry = TM_TRY(entry_head(master));
    last_ = entry.id;
    ++entries_;
    if (!entry.is_deleted) {
        if (live_++ == 0) first_live_ = entry.id;
        TM_CHECK(to_.sink().stream_entry(entry.id, entry.fields));
    }
    TM_CHECK(entry_fields(entry));
    const uint64_t elements = to_.packed.seen() - begin;
    const int64_t declared = TM_TRY(next_integer("the number of an entry's elements"));
    if (declared >= 0 && static_cast<uint64_t>(declared) == elements) return {};
    return inconsistent(fmt::format("entry {} says that it has {} elements, and has {}",
                                    to_text(entry.id), declared, elements));
}

Status StreamEntries::entry_fields(const Entry& entry) {
    for (uint64_t i = 0; i < entry.fields; ++i) {
        for (int part = entry.has_master_fields ? 1 : 0; part < 2; ++part) {
            TM_CHECK(next("a field or its value"));
            if (entry.is_deleted) {
                TM_CHECK(to_.packed.skip_long());
                continue;
            }
            if (part == 0) {
                TM_CHECK(to_.sink().stream_field(TM_TRY(to_.packed_text())));
            } else {
                if (entry.has_master_fields) TM_CHECK(hand_on_name(i));
                TM_CHECK(to_.sink().stream_value(TM_TRY(to_.packed_text())));
            }
            if (to_.packed.long_bytes() > 0) TM_CHECK(to_.packed.end_long());
        }
    }
    return {};
}

Status StreamEntries::hand_on_name(uint64_t index) {
    const size_t begin = index == 0 ? 0 : name_ends_[index - 1];
    const std::string_view name = std::string_view(names_).substr(begin, name_ends_[index] - begin);
    return to_.sink().stream_field(TM_TRY(to_.held_text(name)));
}

namespace {

Result<StreamId> id_of_lengths(Primitives& in) {
    StreamId id;
    id.ms = TM_TRY(in.length());
    id.seq = TM_TRY(in.length());
    return id;
}

Result<StreamState> read_state(Decoding& to, StreamForm form, const StreamEntries& entries) {
    StreamState state;
    state.length = TM_TRY(to.in.length());
    state.last_id = TM_TRY(id_of_lengths(to.in));
    if (form == StreamForm::kFirst) {
        state.first_id = entries.first_live();
        state.entries_added = state.length;
        return state;
    }
    state.first_id = TM_TRY(id_of_lengths(to.in));
    state.max_deleted_id = TM_TRY(id_of_lengths(to.in));
    state.entries_added = TM_TRY(to.in.length());
    return state;
}

// What servers load and `fix` repairs.
void warn_of_state(Decoding& to, uint64_t begin, const StreamState& state,
                   const StreamEntries& entries) {
    const auto warn = [&](std::string what) {
        to.warn(FindingCode::kStreamRepairable, begin, std::move(what));
    };
    if (state.length != entries.live()) {
        warn(fmt::format("the stream says that it has {} entries, and has {}", state.length,
                         entries.live()));
    }
    if (state.last_id < entries.last()) {
        warn(fmt::format("the stream's last ID is {}, and an entry has {}", to_text(state.last_id),
                         to_text(entries.last())));
    }
    if (entries.live() > 0 && state.first_id != entries.first_live()) {
        warn(fmt::format("the stream's first ID is {}, and the first entry's {}",
                         to_text(state.first_id), to_text(entries.first_live())));
    }
}

Status decode_stream(Decoding& to, StreamForm form) {
    StreamEntries entries(to);
    TM_CHECK(entries.decode());
    const uint64_t begin = to.in.offset();
    StreamState state = TM_TRY(read_state(to, form, entries));
    to.no_element();
    if (entries.nodes() == 0 && state.length > 0) {
        return to.bad(
            FindingCode::kStreamInconsistent, begin,
            fmt::format("the stream says that it has {} entries, and has no node", state.length));
    }
    warn_of_state(to, begin, state, entries);
    state.groups = TM_TRY(to.in.count(4));
    TM_CHECK(to.sink().stream_state(state));
    TM_CHECK(StreamGroups(to, form).decode(state.groups));
    if (form >= StreamForm::kFourth) return decode_producers(to);
    return {};
}

}  // namespace

Status decode_stream_1(Decoding& to) {
    return decode_stream(to, StreamForm::kFirst);
}

Status decode_stream_2(Decoding& to) {
    return decode_stream(to, StreamForm::kSecond);
}

Status decode_stream_3(Decoding& to) {
    return decode_stream(to, StreamForm::kThird);
}

Status decode_stream_4(Decoding& to) {
    return decode_stream(to, StreamForm::kFourth);
}

}  // namespace tidemark::rdb
