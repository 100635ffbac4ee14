#include "rdb/codec/encode_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/encoding/listpack.h"
#include "rdb/codec/type_numbers.h"

namespace tidemark::rdb {

namespace {

// Redis's hash-max-listpack-entries and -value.
constexpr uint64_t kHashListpackMax = 512;
constexpr size_t kListpackTextMax = 64;

constexpr int64_t kEarliest = 1;

}  // namespace

bool HashEncoder::has_expiry_form() const {
    return out_.options().dialect == Dialect::kValkey || out_.holds(type::kHashExpiry);
}

bool HashEncoder::is_small() const {
    return out_.is_compact() && out_.holds(type::kHashListpack) && count_ <= kHashListpackMax &&
           longest_ <= kListpackTextMax;
}

Status HashEncoder::begin(uint64_t count, FieldExpiry expiry) {
    count_ = count;
    expiry_ = has_expiry_form() ? expiry : FieldExpiry::kNone;
    form_ = Form::kCollecting;
    longest_ = 0;
    earliest_ = kNever;
    waiting_.clear();
    expiries_.clear();
    return expiry_ == FieldExpiry::kPossible || is_small() ? Status() : make_plain();
}

Status HashEncoder::field(std::string_view name) {
    longest_ = std::max(longest_, name.size());
    if (form_ == Form::kWithExpiry) {
        name_.assign(name);
        return {};
    }
    if (form_ == Form::kCollecting && !is_small() && expiry_ == FieldExpiry::kNone) {
        TM_CHECK(make_plain());
    }
    if (form_ == Form::kPlain) return out_.text(name);
    waiting_.add(name);
    return {};
}

bool HashEncoder::holds_expiry(int64_t expire_at_ms) const {
    if (!has_expiry_form() || expire_at_ms < 0) return false;
    return out_.options().dialect == Dialect::kValkey || expire_at_ms <= kFieldExpiryMax;
}

// What is to be written: the expiry, or kNever.
Result<int64_t> HashEncoder::check_expiry(std::optional<int64_t> expire_at_ms) {
    if (!expire_at_ms) return kNever;
    if (!holds_expiry(*expire_at_ms)) {
        if (out_.options().loss == LossPolicy::kRefuse) {
            return fail(ErrorCode::kUnsupported,
                        fmt::format("a field that expires at {}, which version {} has no place "
                                    "for{}",
                                    *expire_at_ms, out_.options().version,
                                    has_expiry_form() ? "" : "; 12 has"));
        }
        ++losses_.field_expiries;
        return kNever;
    }
    if (expiry_ == FieldExpiry::kNone) {
        return fail(ErrorCode::kInvalid,
                    "a field that expires in a hash that was said to have none");
    }
    // A listpack's 0 says that there is none, and both have been over since 1970.
    return std::max(*expire_at_ms, kEarliest);
}

Status HashEncoder::value(std::string_view text, std::optional<int64_t> expire_at_ms) {
    longest_ = std::max(longest_, text.size());
    const int64_t expiry = TM_TRY(check_expiry(expire_at_ms));
    if (form_ == Form::kWithExpiry) return write_with_expiry(name_, text, expiry);
    if (form_ == Form::kCollecting && !is_small() && expiry_ == FieldExpiry::kNone) {
        TM_CHECK(make_plain());
    }
    if (form_ == Form::kPlain) return out_.text(text);
    return collect_value(text, expiry);
}

Status HashEncoder::collect_value(std::string_view text, int64_t expire_at_ms) {
    waiting_.add(text);
    expiries_.push_back(expire_at_ms);
    if (expire_at_ms != kNever) {
        earliest_ = earliest_ == kNever ? expire_at_ms : std::min(earliest_, expire_at_ms);
    }
    if (waiting_.bytes() <= kCollectMax) return {};
    TM_CHECK(begin_with_expiry(kEarliest));
    return write_all_with_expiry();
}

Status HashEncoder::make_plain() {
    if (form_ != Form::kCollecting || count_ == 0) return {};
    form_ = Form::kPlain;
    TM_CHECK(out_.begin(type::kHash));
    TM_CHECK(out_.length(count_));
    for (size_t i = 0; i < waiting_.size(); ++i) TM_CHECK(out_.text(waiting_[i]));
    return {};
}

Status HashEncoder::end() {
    if (form_ != Form::kCollecting || count_ == 0) return {};
    const bool is_valkey = out_.options().dialect == Dialect::kValkey;
    if (earliest_ == kNever) return is_small() ? write_listpack() : make_plain();
    if (is_small() && !is_valkey) return write_listpack_with_expiry();
    TM_CHECK(begin_with_expiry(earliest_));
    return write_all_with_expiry();
}

Status HashEncoder::begin_with_expiry(int64_t earliest) {
    form_ = Form::kWithExpiry;
    earliest_ = earliest;
    if (out_.options().dialect == Dialect::kValkey) {
        TM_CHECK(out_.begin(type::kHashExpiryValkey));
    } else {
        TM_CHECK(out_.begin(type::kHashExpiry));
        pack_int64(out_.bytes(), earliest);
    }
    return out_.length(count_);
}

Status HashEncoder::write_with_expiry(std::string_view name, std::string_view value,
                                      int64_t expire_at_ms) {
    const bool is_valkey = out_.options().dialect == Dialect::kValkey;
    if (!is_valkey) {
        const int64_t distance = expire_at_ms == kNever ? 0 : expire_at_ms - earliest_ + 1;
        TM_CHECK(out_.length(static_cast<uint64_t>(distance)));
    }
    TM_CHECK(out_.text(name));
    TM_CHECK(out_.text(value));
    if (is_valkey) pack_int64(out_.bytes(), expire_at_ms);
    return {};
}

Status HashEncoder::write_all_with_expiry() {
    for (size_t i = 0; i < expiries_.size(); ++i) {
        TM_CHECK(write_with_expiry(waiting_[2 * i], waiting_[2 * i + 1], expiries_[i]));
    }
    return {};
}

Status HashEncoder::write_listpack() {
    encoding::ListpackBuilder pack;
    for (size_t i = 0; i < waiting_.size(); ++i) pack.append(waiting_[i]);
    TM_CHECK(out_.begin(type::kHashListpack));
    return out_.blob(pack.finish());
}

std::vector<size_t> HashEncoder::by_expiry() const {
    std::vector<size_t> order(expiries_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto rank = [&](size_t i) {
        return expiries_[i] == kNever ? std::numeric_limits<int64_t>::max() : expiries_[i];
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return rank(a) < rank(b); });
    return order;
}

Status HashEncoder::write_listpack_with_expiry() {
    encoding::ListpackBuilder pack;
    for (const size_t i : by_expiry()) {
        pack.append(waiting_[2 * i]);
        pack.append(waiting_[2 * i + 1]);
        pack.append_integer(expiries_[i] == kNever ? 0 : expiries_[i]);
    }
    TM_CHECK(out_.begin(type::kHashListpackExpiry));
    pack_int64(out_.bytes(), earliest_);
    return out_.blob(pack.finish());
}

}  // namespace tidemark::rdb
