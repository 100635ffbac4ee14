#include "tools/rdb_check/report/statistics.h"

namespace tidemark::rdb_check {

namespace {

int64_t clamped(uint64_t value) {
    return value > INT64_MAX ? INT64_MAX : static_cast<int64_t>(value);
}

}  // namespace

Statistics::Statistics(const StatisticsOptions& options)
    : options_(options),
      top_size_(options.top),
      top_elements_(options.top),
      top_largest_(options.top),
      prefixes_(options.prefixes) {}

void Statistics::add(const KeyFigures& key) {
    const Amounts& amounts = key.amounts;
    const uint64_t order = all_.keys;
    all_.add(amounts);
    totals_.add(key);
    sizes_.add(clamped(amounts.file_bytes), amounts.file_bytes);
    if (key.expire_at_ms) add_expiry(key);
    if (key.fields_with_expiry > 0) add_field_expiries(key);
    if (key.idle_seconds) idle_.add(clamped(*key.idle_seconds), amounts.file_bytes);
    if (key.frequency) freq_.add(*key.frequency, amounts.file_bytes);
    top_size_.add(key, amounts.file_bytes, order);
    top_elements_.add(key, amounts.elements, order);
    top_largest_.add(key, key.largest_element, order);
    prefixes_.add(key.name, amounts);
    slots_.add(key.slot, amounts.file_bytes);
}

void Statistics::add_expiry(const KeyFigures& key) {
    ttl_.add(remaining(*key.expire_at_ms), key.amounts.file_bytes);
    if (*key.expire_at_ms <= options_.now_ms) expired_now_.add(key.amounts);
}

void Statistics::add_field_expiries(const KeyFigures& key) {
    ++fields_.hashes;
    fields_.fields += key.fields_with_expiry;
    for (const int64_t at_ms : key.field_expiries_ms) {
        field_ttl_.add(remaining(at_ms), 0);
        if (at_ms <= options_.now_ms) ++fields_.expired_now;
    }
}

int64_t Statistics::remaining(int64_t expire_at_ms) const {
    int64_t left = 0;
    if (!__builtin_sub_overflow(expire_at_ms, ttl_origin_ms(), &left)) return left;
    return expire_at_ms < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace tidemark::rdb_check
