// A hash: small ones as a listpack, else field by field; with expiries in the forms that have room
// for them.
//
//   16   listpack of field, value ...
//   4    count | field | value ...
//   25   earliest expiry | listpack of field, value, expiry or 0 ... by expiry, those without last
//   24   earliest expiry | count | (expiry - earliest + 1, or 0) | field | value ...
//   22   count | field | value | expiry or -1 ...            Valkey 80
//
// 24 is written at once when the hash is too large to be collected; "earliest" is 1 then, which no
// expiry is before: an expiry of 0 is written as 1.
#pragma once

#include <optional>
#include <string>

#include "rdb/codec/elements.h"
#include "rdb/codec/record_out.h"

namespace tidemark::rdb {

// Whether a field may have an expiry: known from the type in the file that is being read.
enum class FieldExpiry : uint8_t { kNone, kPossible };

class HashEncoder {
public:
    HashEncoder(RecordOut& out, Losses& losses) : out_(out), losses_(losses) {}

    Status begin(uint64_t count, FieldExpiry expiry);
    Status field(std::string_view name);
    Status value(std::string_view text, std::optional<int64_t> expire_at_ms);
    // False where a field's expiry comes before its name: then field and value must be whole.
    bool may_stream() const { return form_ == Form::kPlain || expiry_ == FieldExpiry::kNone; }
    Status make_plain();
    Status end();

private:
    enum class Form : uint8_t { kCollecting, kPlain, kWithExpiry };

    bool has_expiry_form() const;
    bool holds_expiry(int64_t expire_at_ms) const;
    bool is_small() const;
    Result<int64_t> check_expiry(std::optional<int64_t> expire_at_ms);
    Status collect_value(std::string_view text, int64_t expire_at_ms);
    Status begin_with_expiry(int64_t earliest);
    Status write_with_expiry(std::string_view name, std::string_view value, int64_t expire_at_ms);
    Status write_all_with_expiry();
    Status write_listpack();
    Status write_listpack_with_expiry();
    std::vector<size_t> by_expiry() const;

    static constexpr int64_t kNever = -1;

    RecordOut& out_;
    Losses& losses_;
    uint64_t count_ = 0;
    FieldExpiry expiry_ = FieldExpiry::kNone;
    Form form_ = Form::kPlain;
    size_t longest_ = 0;
    int64_t earliest_ = kNever;  // of the expiries collected; then what expiries are counted from
    Elements waiting_;           // field, value ...
    std::vector<int64_t> expiries_;
    std::string name_;  // Form::kWithExpiry: of the field whose value comes next
};

}  // namespace tidemark::rdb
