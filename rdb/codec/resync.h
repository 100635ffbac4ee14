// Finds where records begin again behind bytes that cannot be read.
//
// A seal (seal.h) says exactly where it is, and in which db. Without one, a place is believed where
// a record begins that is sound to its last byte, and three more behind it, or the end of the file:
// nothing but keys and AUX fields counts, all lengths in the form that writers choose, no type that
// is newer than the file, no key twice. Names that are mostly control characters do not count,
// because packed integers look like records with such names, unless there are no others.
//
// A length that is damaged makes a record that is sound itself and swallows what is behind it; the
// error comes later. So the record before the damage is looked into as well (find_behind).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rdb/codec/record_reader.h"

namespace tidemark::rdb {

struct Resync {
    uint64_t offset = 0;         // of a record (or of EOF)
    std::optional<uint64_t> db;  // where a seal told; else whatever was selected in between
};

class Resynchroniser {
public:
    // The input is not its own, and must be able to go back. `state`: dialect and version.
    Resynchroniser(Input& input, const ReaderState& state);

    // The first place at `from` or behind it, in front of `to`. nullopt: none.
    Result<std::optional<Resync>> find(uint64_t from, uint64_t to = UINT64_MAX);
    // The same where reading stopped at `damage` and the last record that was sound begins at
    // `before`. A place up to `damage` says that this one was none: it lies inside, and more
    // records come of it.
    Result<std::optional<Resync>> find_behind(uint64_t before, uint64_t damage);
    // Whether records begin at `offset`, by their framing: for a place that is likely anyway, such
    // as the end of a value that was skipped.
    Result<bool> begins_here(uint64_t offset);

private:
    // Hears what makes a place unlikely.
    class Doubts final : public ValueSink {
    public:
        Status begin_key(const KeyRecord&) override { return {}; }
        void warning(const Finding& finding) override;
        bool any = false;
    };
    enum class Depth : uint8_t { kFraming, kDeep };

    // Whether names that are mostly control characters count.
    enum class Naming : uint8_t { kUsual, kAny };

    Result<std::optional<Resync>> scan(uint64_t from, uint64_t to);
    bool may_begin(uint8_t first) const;
    Result<std::optional<Resync>> look_at(uint64_t offset);
    Result<bool> is_chain(uint64_t offset, Depth depth);
    Result<bool> is_sound_chain(uint64_t offset);
    Result<uint64_t> first_inside(uint64_t offset);
    Result<int> keys_up_to(uint64_t offset, uint64_t end);
    Result<std::vector<uint64_t>> borders(uint64_t offset);
    bool is_likely(const Record& record, std::vector<std::string>& names) const;

    Input& input_;
    ReaderState state_;
    Doubts doubts_;
    RecordReader records_;
    Naming naming_ = Naming::kUsual;
    uint64_t chain_end_ = 0;  // of the last chain that was looked at
};

}  // namespace tidemark::rdb
