// What decoding a value needs: where its bytes come from, where its parts go, and what the checks
// remember. One for all values of a file, so that nothing is allocated for each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rdb/codec/blob.h"
#include "rdb/codec/packed_reader.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/unique.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

// What a score that is not a number is: the end of its value, or a warning, once a value, and for
// the sink as it is.
enum class NanScores : uint8_t { kRefuse, kPass };

class Decoding {
public:
    Decoding(Primitives& primitives, UniqueSpill* spill, NanScores nan_scores)
        : in(primitives),
          blob(primitives),
          packed(primitives, blob),
          unique(spill),
          nan_scores_(nan_scores) {}

    Primitives& in;
    Blob blob;            // of the value, one at a time
    PackedReader packed;  // walks it
    Unique unique;

    // A new value.
    void begin(const KeyRecord& key, ValueSink& sink);
    const KeyRecord& key() const { return *key_; }
    ValueSink& sink() { return *sink_; }

    // Which element is being decoded, for findings.
    void at_element(uint64_t index) { element_ = index; }
    void no_element() { element_.reset(); }
    std::optional<uint64_t> element() const { return element_; }

    // Strings of the value. All but the end of a long one has gone to the sink already when they
    // return. Valid until the next call.
    Result<std::string_view> text();                     // from the file
    Result<std::string_view> packed_text();              // what packed.next() found
    Result<std::string_view> blob_text(uint64_t bytes);  // the next bytes of the blob

    // A text in memory as the sink gets it: a long one in parts but for what is returned.
    Result<std::string_view> held_text(std::string_view text);

    // Opens the string that comes next and begins to walk it. `group`: elements belong together
    // by so many; a count that cannot be divided is an error.
    Status open_packed(PackedForm form);
    // How many elements, exactly. kCountUnknown where that takes an input that can go back.
    Result<uint64_t> packed_count(uint64_t group);

    // The text that was returned last must not have come before in this collection (unique.begin()
    // begins one). `what` and `begin` are for the finding.
    Status must_be_new(std::string_view text, uint64_t begin, std::string_view what,
                       std::optional<ServerDoes> server = std::nullopt);
    // All have come; what was spilled is looked at.
    Status all_must_be_new(std::string_view what);
    // Of the text that was returned last.
    Hash128 hash_of(std::string_view text) const;

    tl::unexpected<Error> bad(FindingCode code, uint64_t begin, std::string what,
                              std::optional<ServerDoes> server = std::nullopt) {
        return in.bad(code, begin, std::move(what), server);
    }
    // Something that loads and is wrong, in bytes [begin, here).
    void warn(FindingCode code, uint64_t begin, std::string what,
              std::optional<ServerDoes> server = std::nullopt);
    // The score at `begin` is not a number.
    Result<double> nan_score(uint64_t begin, ServerDoes server = ServerDoes::kRefuses);
    // A list, set, sorted set or hash without elements, which Redis does not keep.
    void warn_if_empty(uint64_t count);
    // In a form that Redis refuses then: an intset, a zipmap.
    void warn_if_empty_packed(uint64_t count);

private:
    Result<std::string_view> other_text();

    const KeyRecord* key_ = nullptr;
    ValueSink* sink_ = nullptr;
    std::optional<uint64_t> element_;
    encoding::Digits digits_;
    NanScores nan_scores_;
    bool has_nan_ = false;  // the value, as far as it was read
    bool is_long_ = false;  // the last text
    Hash128 long_hash_;     // of all but its end
};

inline Result<std::string_view> Decoding::text() {
    std::string_view bytes;
    is_long_ = false;
    if (in.try_plain(bytes)) return bytes;
    return other_text();
}

// A number as a score: finite or infinite, never NaN.
std::optional<double> parse_score(std::string_view text);
// How strtod spells and reads what is not a number.
bool is_nan_text(std::string_view text);

}  // namespace tidemark::rdb
