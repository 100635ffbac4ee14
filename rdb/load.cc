#include "rdb/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "engine/txn.h"
#include "rdb/codec/types.h"
#include "rdb/codec/whole_strings.h"

namespace tidemark::rdb {

namespace {

// Keys whose cache misses are overlapped; as many as when commands are replayed.
constexpr size_t kAhead = 16;
// A longer value is not copied to wait with the others.
constexpr size_t kWaitingValueMax = 4096;

class FileInput final : public Input {
public:
    FileInput(io::File& file, uint64_t size) : file_(file), size_(size) {}
    uint64_t size() const override { return size_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return file_.read_at(to, length, offset);
    }

private:
    io::File& file_;
    uint64_t size_;
};

// Collects a few keys before it inserts them, so that the table's cache lines are on their way.
class Loader final : public ValueSink {
public:
    Loader(engine::Keyspace& keyspace, const Progress& progress)
        : keyspace_(keyspace), progress_(progress) {}

    Status select_db(uint64_t db) override {
        if (db < static_cast<uint64_t>(keyspace_.databases())) return {};
        return fail(ErrorCode::kUnsupported,
                    fmt::format("keys of db {}; raise 'databases', which is {}", db,
                                keyspace_.databases()));
    }
    Status progress(uint64_t done, uint64_t total) override { return progress_(done, total); }

    Status begin_key(const KeyRecord& key) override {
        if (key.type->kind != kLoadable) return refuse_type(key);
        key_ = key;
        name_.assign(key.name);
        hash_ = keyspace_.hash(name_);
        keyspace_.prefetch_bucket(static_cast<int>(key.db), hash_);
        return {};
    }

    Status string(std::string_view value) override {
        if (value.size() > kWaitingValueMax) {
            TM_CHECK(insert_waiting());
            return insert(key_, {name_, hash_}, value);
        }
        waiting_.push_back({key_, hash_, name_.size(), value.size()});
        bytes_ += name_;
        bytes_ += value;
        return waiting_.size() < kAhead ? Status() : insert_waiting();
    }

    Status function(std::string_view source) override {
        const std::string_view first_line = source.substr(0, source.find('\n'));
        return unsupported(
            fmt::format("a library of functions, which would be lost: {}; FUNCTION DELETE it first",
                        printable(first_line)));
    }
    Status module_aux(std::string_view module, uint64_t, uint64_t) override {
        return unsupported(
            fmt::format("data of the module type '{}', which would be lost", module));
    }
    Status key_meta(uint64_t, uint64_t) override {
        return unsupported("modules' metadata of a key, which would be lost");
    }
    Status slot_import(std::string_view, uint64_t, uint64_t) override {
        return unsupported("the import of a cluster slot was under way");
    }

    Status end() override { return insert_waiting(); }

private:
    struct Waiting {
        KeyRecord key;  // without its name
        uint64_t hash;
        size_t name_length;
        size_t value_length;
    };

    static constexpr std::string_view kLoadable = "string";

    static Status unsupported(std::string what) {
        return fail(ErrorCode::kUnsupported, std::move(what));
    }
    static Status refuse_type(const KeyRecord& key) {
        return unsupported(fmt::format(
            "key '{}' of db {} is a {} ({}, type {}); only strings can "
            "be loaded yet",
            printable(key.name), key.db, key.type->kind, key.type->encoding, key.type->number));
    }

    Status insert_waiting() {
        for (const Waiting& one : waiting_) {
            keyspace_.prefetch_entry(static_cast<int>(one.key.db), one.hash);
        }
        std::string_view bytes = bytes_;
        for (const Waiting& one : waiting_) {
            const engine::Key key{bytes.substr(0, one.name_length), one.hash};
            bytes.remove_prefix(one.name_length);
            TM_CHECK(insert(one.key, key, bytes.substr(0, one.value_length)));
            bytes.remove_prefix(one.value_length);
        }
        waiting_.clear();
        bytes_.clear();
        return {};
    }

    Status insert(const KeyRecord& record, engine::Key key, std::string_view value) {
        engine::WriteTxn txn(keyspace_, static_cast<int>(record.db));
        if (txn.peek(key) != nullptr) {
            return fail(ErrorCode::kCorrupt,
                        fmt::format("key '{}' of db {} is there a second time", printable(key.name),
                                    record.db),
                        record.offset);
        }
        txn.set_string(key, value, expiry_of(record));
        restore_use(record, *txn.peek(key));
        txn.propagate_nothing();
        txn.commit({}, {});
        return {};
    }

    // -1 stands for "none" in Redis, and its servers read it so.
    static engine::Expiry expiry_of(const KeyRecord& record) {
        if (!record.expire_at_ms || *record.expire_at_ms == -1) return engine::Expiry::none();
        constexpr int64_t kEarliest = std::numeric_limits<int64_t>::min() + 1;
        return engine::Expiry::at(std::max(*record.expire_at_ms, kEarliest));
    }

    void restore_use(const KeyRecord& record, const engine::Entry& entry) {
        const engine::AccessClock& clock = keyspace_.access_clock();
        if (record.idle_seconds) clock.restore_idle(entry, *record.idle_seconds);
        if (record.frequency) clock.restore_frequency(entry, *record.frequency);
    }

    engine::Keyspace& keyspace_;
    const Progress& progress_;
    KeyRecord key_;
    std::string name_;
    uint64_t hash_ = 0;
    std::vector<Waiting> waiting_;
    std::string bytes_;  // of those waiting: name, value, name, value ...
};

}  // namespace

Result<Summary> load_base(io::File& file, engine::Keyspace& keyspace, const Progress& progress) {
    FileInput input(file, TM_TRY(file.size()));
    Loader loader(keyspace, progress);
    WholeStrings whole(loader);
    return Reader(input, whole).read();
}

}  // namespace tidemark::rdb
