// The one door. Everything that reads the keyspace holds a ReadTxn, everything that changes it a
// WriteTxn; there is no other access to a value, and no other place that keeps the books: memory,
// the dirty counter, watched keys, deletion of what expired, the offsets that hold replies.
//
// A transaction lives for one command, on the loop's thread. There is no rollback: a handler checks
// everything that it can refuse before its first change. The dispatcher calls commit(); a WriteTxn
// that changed nothing commits nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "engine/commit_sink.h"
#include "engine/entry.h"
#include "engine/entry_maker.h"
#include "engine/key.h"
#include "engine/keyspace.h"

namespace tidemark::engine {

// The key holds another type than the command works on: -WRONGTYPE.
struct WrongType {};
template <class T>
using Typed = tl::expected<T, WrongType>;

// A string value as text, whatever its encoding; an int-encoded one is spelled out inside. Valid
// until the next change to the keyspace.
class StringText {
public:
    explicit StringText(const Entry& entry);
    std::string_view text() const { return {data_ != nullptr ? data_ : digits_, length_}; }

private:
    const char* data_;  // nullptr: digits_
    size_t length_;
    char digits_[24];
};

// What a write does about the key's expiry.
struct Expiry {
    enum class Kind : uint8_t { kNone, kKeep, kAt };
    Kind kind = Kind::kNone;
    int64_t at_ms = 0;  // absolute, unix milliseconds

    static Expiry none() { return {}; }
    static Expiry keep() { return {Kind::kKeep, 0}; }
    static Expiry at(int64_t unix_ms) { return {Kind::kAt, unix_ms}; }
};

class ReadTxn {
public:
    ReadTxn(Keyspace& keyspace, int db) : keyspace_(keyspace), db_(db) {}
    ReadTxn(const ReadTxn&) = delete;
    ReadTxn& operator=(const ReadTxn&) = delete;

    int db() const { return db_; }
    int64_t now_ms() const;  // of this turn of the loop
    Key key(std::string_view name) const { return {name, keyspace_.hash(name)}; }
    Keyspace& keyspace() const { return keyspace_; }

    // The entry of a live key, or nullptr. Counts a hit or a miss and updates the access clock; a
    // key whose time has come is treated as missing and remembered for deletion right after the
    // command (Keyspace::expire_noted).
    const Entry* find(const Key& key) const { return find_in(db_, key); }
    const Entry* find_in(int db, const Key& key) const;
    // The same without touching the access clock or the statistics (EXISTS in other hands: TTL,
    // TYPE, OBJECT and the like, as Redis's LOOKUP_NOTOUCH).
    const Entry* peek(const Key& key) const { return peek_in(db_, key); }
    const Entry* peek_in(int db, const Key& key) const;
    Typed<std::optional<StringText>> find_string(const Key& key) const;

    size_t db_size() const;  // depends on the whole keyspace
    std::optional<std::string> random_key() const;
    // Every live key, in table order; return false to stop.
    void for_each_key(const std::function<bool(std::string_view, const Entry&)>& visit) const;
    // One SCAN step: visits at least the entries of one bucket, about `count` in all, and returns
    // the next cursor, 0 at the end. A key that is there from the first call to the last is seen.
    uint64_t scan(uint64_t cursor, size_t count,
                  const std::function<void(std::string_view, const Entry&)>& visit) const;

    // The log offset that this command's reply must wait for; 0: none.
    uint64_t depends_on() const { return depends_on_; }
    // For replies that depend on everything (DBSIZE, KEYS, SCAN, WAITAOF).
    void depend_on_all() const;

protected:
    // What happens to a key that is found expired: a read remembers it for later, a write deletes
    // it at once, so that its DEL is logged before the write's own record.
    enum class OnExpired : uint8_t { kNote, kDelete };

    ReadTxn(Keyspace& keyspace, int db, OnExpired on_expired)
        : keyspace_(keyspace), db_(db), on_expired_(on_expired) {}

    void note_read(uint64_t hash) const {
        if (keyspace_.has_pending()) note_pending_read(hash);
    }
    void note_pending_read(uint64_t hash) const;
    // Where the live key is.
    Table::Place locate(int db, const Key& key) const;
    void meet_expired(int db, Table::Place place, const Key& key) const;
    bool is_expired(const Entry& entry) const {
        return entry.is_expired(keyspace_.now_ms_) && !keyspace_.replaying_;
    }

    Keyspace& keyspace_;
    int db_;
    OnExpired on_expired_ = OnExpired::kNote;
    mutable uint64_t depends_on_ = 0;
};

class WriteTxn : public ReadTxn {
public:
    WriteTxn(Keyspace& keyspace, int db) : ReadTxn(keyspace, db, OnExpired::kDelete) {}

    // --- strings
    // Creates or replaces whatever is there. Chooses int, embstr or raw as Redis does.
    void set_string(const Key& key, std::string_view value, Expiry expiry);
    // Replaces the value of a string key or creates one; an existing expiry stays (INCR).
    void set_integer(const Key& key, int64_t value);
    // APPEND: returns the new length. The key must hold a string or be missing; result is raw.
    size_t append_string(const Key& key, std::string_view tail);
    // SETRANGE: pads with NULs. Same precondition; `bytes` not empty. Returns the new length.
    size_t overwrite_string(const Key& key, size_t offset, std::string_view bytes);

    // --- any type
    bool erase(const Key& key) { return erase_in(db_, key); }  // true when a live key was there
    bool erase_in(int db, const Key& key);
    bool set_expire(const Key& key, int64_t at_ms);  // false: missing
    bool clear_expire(const Key& key);               // false: missing or had none
    // Takes value and expiry along; whatever was at `to` is replaced. `from` must be live.
    void rename(const Key& from, const Key& to);
    // Moves to another database; the target must not be live there.
    void move(const Key& key, int target_db);
    // Deep copy including the expiry; whatever was at the target is replaced. `from` must be live.
    void copy(const Key& from, int target_db, const Key& to);
    void swap_databases(int a, int b);
    enum class Free : uint8_t { kNow, kLater };
    size_t flush_database(int db, Free free);  // number of keys removed
    // A change that no method above stands for (FLUSHALL of an empty keyspace is still logged).
    void touch_nothing_but_log() { changed_ = true; }

    // --- the record
    // What the log gets instead of the command as received. Several calls give several records.
    void propagate(std::initializer_list<std::string_view> args);
    void propagate(std::span<const std::string_view> args);
    // Changed, but nothing to log.
    void propagate_nothing();

    bool changed() const { return changed_; }
    // How much the dirty counter rises (keys changed).
    uint64_t changes() const { return changes_; }

    // By the dispatcher only, once, after the handler. Hands the record to the sink when something
    // changed, marks the touched keys with its offset and raises depends_on().
    void commit(std::span<const std::string_view> received, std::string_view canonical);

private:
    enum class Propagation : uint8_t { kAsReceived, kInstead, kNothing };

    // The hashes of changed keys: few for most commands, so the first ones need no memory.
    class TouchedKeys {
    public:
        void add(uint64_t hash) {
            if (count_ < first_.size()) {
                first_[count_++] = hash;
            } else {
                rest_.push_back(hash);
            }
        }
        void mark(DirtyOffsets& offsets, uint64_t offset) const {
            for (size_t i = 0; i < count_; ++i) offsets.mark(first_[i], offset);
            for (const uint64_t hash : rest_) offsets.mark(hash, offset);
        }

    private:
        std::array<uint64_t, 6> first_;
        size_t count_ = 0;
        std::vector<uint64_t> rest_;
    };
    // Records of propagate(), copied: handlers format numbers on their stack.
    struct Records {
        std::string bytes;
        std::vector<size_t> sizes;  // per record: the number of arguments, then their lengths
    };

    // A key changed: whoever watches it and whoever reads it later should know.
    void touch(int db, const Key& key);
    void note_change(int db, const Key& key) {
        changed_ = true;
        ++changes_;
        touch(db, key);
    }
    void add_entry(int db, const Key& key, Entry* entry);
    void erase_at(int db, Table::Place place, const Key& key);
    void replace_string(Table::Place place, const Key& key, const StringValue& value,
                        int64_t expire_at);
    void put_string(const Key& key, const StringValue& value, Expiry expiry);
    char* grow_string(const Key& key, size_t length);
    uint64_t append_records();

    bool changed_ = false;
    bool touched_everything_ = false;
    Propagation propagation_ = Propagation::kAsReceived;
    uint64_t changes_ = 0;
    TouchedKeys touched_;
    Records instead_;
};

}  // namespace tidemark::engine
