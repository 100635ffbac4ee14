#include <algorithm>

#include "base/assert.h"
#include "engine/txn.h"

namespace tidemark::engine {

void WriteTxn::touch(int db, const Key& key) {
    touched_.add(key.hash);
    keyspace_.watches_.touch(db, key.name);
}

// --- strings

void WriteTxn::add_entry(int db, const Key& key, Entry* entry) {
    keyspace_.access_clock_.start(*entry);
    keyspace_.db(db).insert(entry, key.hash, keyspace_.now_ms_);
}

void WriteTxn::replace_string(Table::Place place, const Key& key, const StringValue& value,
                              int64_t expire_at) {
    Database& database = keyspace_.db(db_);
    Entry* entry = place.entry();
    if (EntryMaker::overwrite(entry, value, expire_at)) {
        keyspace_.access_clock_.restart(*entry);
        if (expire_at != kNoExpiry) database.replace(place, entry, keyspace_.now_ms_);
        return;
    }
    Entry* fresh = EntryMaker::create(key.name, value, expire_at);
    fresh->set_access(entry->access());
    keyspace_.access_clock_.restart(*fresh);
    database.uncount(*entry);
    EntryMaker::destroy(entry);
    database.count(*fresh);
    database.replace(place, fresh, keyspace_.now_ms_);
}

void WriteTxn::put_string(const Key& key, const StringValue& value, Expiry expiry) {
    const Table::Place place = locate(db_, key);
    int64_t expire_at = expiry.kind == Expiry::Kind::kAt ? expiry.at_ms : kNoExpiry;
    if (place) {
        if (expiry.kind == Expiry::Kind::kKeep) expire_at = EntryMaker::expiry_of(*place.entry());
        replace_string(place, key, value, expire_at);
    } else {
        add_entry(db_, key, EntryMaker::create(key.name, value, expire_at));
    }
    note_change(db_, key);
}

void WriteTxn::set_string(const Key& key, std::string_view value, Expiry expiry) {
    put_string(key, value_of_text(value), expiry);
}

void WriteTxn::set_integer(const Key& key, int64_t value) {
    put_string(key, {Encoding::kInt, value, {}}, Expiry::keep());
}

// Where the string of a live key lies after it has been made `length` bytes of raw text, not
// shorter than it was.
char* WriteTxn::grow_string(const Key& key, size_t length) {
    Database& database = keyspace_.db(db_);
    const Table::Place place = locate(db_, key);
    TM_ASSERT(place && place.entry()->type() == ValueType::kString);
    database.uncount(*place.entry());
    char* text = nullptr;
    Entry* entry = EntryMaker::grow_text(place.entry(), length, &text);
    database.count(*entry);
    database.replace(place, entry, keyspace_.now_ms_);
    note_change(db_, key);
    return text;
}

size_t WriteTxn::append_string(const Key& key, std::string_view tail) {
    const Table::Place place = locate(db_, key);
    if (!place) {
        set_string(key, tail, Expiry::none());
        return tail.size();
    }
    const size_t before = place.entry()->text_length();
    char* text = grow_string(key, before + tail.size());
    if (!tail.empty()) std::memcpy(text + before, tail.data(), tail.size());
    return before + tail.size();
}

size_t WriteTxn::overwrite_string(const Key& key, size_t offset, std::string_view bytes) {
    const Table::Place place = locate(db_, key);
    if (!place) {
        add_entry(db_, key, EntryMaker::create(key.name, {Encoding::kRaw, 0, {}}, kNoExpiry));
    }
    const size_t before = place ? place.entry()->text_length() : 0;
    const size_t length = std::max(before, offset + bytes.size());
    char* text = grow_string(key, length);
    std::memcpy(text + offset, bytes.data(), bytes.size());
    return length;
}

// --- any type

void WriteTxn::erase_at(int db, Table::Place place, const Key& key) {
    EntryMaker::destroy(keyspace_.db(db).take(place, key.hash));
}

bool WriteTxn::erase_in(int db, const Key& key) {
    const Table::Place place = locate(db, key);
    if (!place) return false;
    // Before: `key` may be a view of the entry's own name.
    note_change(db, key);
    erase_at(db, place, key);
    return true;
}

bool WriteTxn::set_expire(const Key& key, int64_t at_ms) {
    const Table::Place place = locate(db_, key);
    if (!place) return false;
    Database& database = keyspace_.db(db_);
    Entry* entry = place.entry();
    if (entry->has_expiry()) {
        EntryMaker::set_expire(entry, at_ms);
    } else {
        database.uncount(*entry);
        entry = EntryMaker::remake(entry, key.name, at_ms);
        database.count(*entry);
    }
    database.replace(place, entry, keyspace_.now_ms_);
    note_change(db_, key);
    return true;
}

bool WriteTxn::clear_expire(const Key& key) {
    const Table::Place place = locate(db_, key);
    if (!place || !place.entry()->has_expiry()) return false;
    Database& database = keyspace_.db(db_);
    database.uncount(*place.entry());
    Entry* entry = EntryMaker::remake(place.entry(), key.name, kNoExpiry);
    database.count(*entry);
    database.replace(place, entry, keyspace_.now_ms_);
    note_change(db_, key);
    return true;
}

void WriteTxn::rename(const Key& from, const Key& to) {
    if (from.name == to.name) return;
    if (const Table::Place target = locate(db_, to)) erase_at(db_, target, to);
    const Table::Place place = locate(db_, from);
    TM_ASSERT(place);
    note_change(db_, from);
    touch(db_, to);
    Database& database = keyspace_.db(db_);
    Entry* entry = database.take(place, from.hash);
    entry = EntryMaker::remake(entry, to.name, EntryMaker::expiry_of(*entry));
    database.insert(entry, to.hash, keyspace_.now_ms_);
}

void WriteTxn::move(const Key& key, int target_db) {
    TM_ASSERT(target_db != db_ && !locate(target_db, key));
    const Table::Place place = locate(db_, key);
    TM_ASSERT(place);
    note_change(db_, key);
    touch(target_db, key);
    Entry* entry = keyspace_.db(db_).take(place, key.hash);
    keyspace_.db(target_db).insert(entry, key.hash, keyspace_.now_ms_);
}

void WriteTxn::copy(const Key& from, int target_db, const Key& to) {
    const Table::Place source = locate(db_, from);
    TM_ASSERT(source && (target_db != db_ || from.name != to.name));
    const Entry& original = *source.entry();
    Entry* entry = EntryMaker::copy(original, to.name, EntryMaker::expiry_of(original));
    if (const Table::Place target = locate(target_db, to)) erase_at(target_db, target, to);
    add_entry(target_db, to, entry);
    note_change(target_db, to);
}

void WriteTxn::swap_databases(int a, int b) {
    const auto is_in_either = [&](std::string_view name) {
        const Key watched = key(name);
        return keyspace_.db(a).locate(watched) || keyspace_.db(b).locate(watched);
    };
    if (a != b) {
        keyspace_.watches_.touch_database(a, is_in_either);
        keyspace_.watches_.touch_database(b, is_in_either);
        std::swap(keyspace_.databases_[static_cast<size_t>(a)],
                  keyspace_.databases_[static_cast<size_t>(b)]);
        touched_everything_ = true;
    }
    changed_ = true;
    ++changes_;
}

// kNow and kLater are the same: a small database is freed at once and a large one in slices,
// because no caller should wait for millions of frees.
size_t WriteTxn::flush_database(int db, Free) {
    Database& database = keyspace_.db(db);
    const size_t removed = database.size();
    if (removed == 0) return 0;
    keyspace_.watches_.touch_database(
        db, [&](std::string_view name) { return static_cast<bool>(database.locate(key(name))); });
    keyspace_.bury(database);
    changed_ = true;
    touched_everything_ = true;
    changes_ += removed;
    return removed;
}

// --- the record

void WriteTxn::propagate(std::initializer_list<std::string_view> args) {
    propagate(std::span<const std::string_view>(args.begin(), args.size()));
}

void WriteTxn::propagate(std::span<const std::string_view> args) {
    propagation_ = Propagation::kInstead;
    instead_.sizes.push_back(args.size());
    for (const std::string_view arg : args) {
        instead_.sizes.push_back(arg.size());
        instead_.bytes += arg;
    }
}

void WriteTxn::propagate_nothing() {
    propagation_ = Propagation::kNothing;
}

uint64_t WriteTxn::append_records() {
    std::vector<std::string_view> args;
    const char* at = instead_.bytes.data();
    uint64_t offset = 0;
    for (size_t i = 0; i < instead_.sizes.size();) {
        args.clear();
        for (size_t left = instead_.sizes[i++]; left != 0; --left) {
            args.emplace_back(at, instead_.sizes[i]);
            at += instead_.sizes[i++];
        }
        offset = keyspace_.sink_->append({db_, args, {}});
    }
    return offset;
}

void WriteTxn::commit(std::span<const std::string_view> received, std::string_view canonical) {
    if (!changed_) return;
    keyspace_.dirty_ += changes_;
    if (propagation_ == Propagation::kNothing) return;
    const uint64_t offset = propagation_ == Propagation::kInstead
                                ? append_records()
                                : keyspace_.sink_->append({db_, received, canonical});
    keyspace_.note_commit(offset);
    // A write that no reply waits for needs no note of its own keys, which would cost a cache miss
    // each: should the policy begin to hold replies, those that read anything wait for all of it.
    if (touched_everything_ || !keyspace_.has_pending()) {
        keyspace_.dirty_offsets_.mark_all(offset);
    } else {
        touched_.mark(keyspace_.dirty_offsets_, offset);
    }
    depends_on_ = std::max(depends_on_, offset);
}

}  // namespace tidemark::engine
