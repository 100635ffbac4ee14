#include "tools/dump_diff/diff.h"

#include <algorithm>
#include <tuple>

#include "tools/dump_diff/function_library.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kPlacesPerFile = 128;
// More than any server has; a dump that says otherwise is not kept in memory.
constexpr size_t kLibrariesMax = 100'000;

bool by_key(const KeyMark& a, const KeyMark& b) {
    return std::tie(a.key, a.offset) < std::tie(b.key, b.offset);
}

Difference difference_of(Change change, const KeyMark* first, const KeyMark* second) {
    Difference difference{};
    difference.change = change;
    difference.first_expire_at_ms = difference.second_expire_at_ms = kNever;
    if (first != nullptr) {
        difference.first_offset = first->offset;
        difference.first_expire_at_ms = first->expire_at_ms;
        difference.db = first->db;
    }
    if (second != nullptr) {
        difference.second_offset = second->offset;
        difference.second_expire_at_ms = second->expire_at_ms;
        difference.db = second->db;
    }
    return difference;
}

size_t place_of(uint64_t offset, uint64_t size) {
    const auto share = static_cast<long double>(offset) / static_cast<long double>(size + 1);
    return std::min(static_cast<size_t>(share * kPlacesPerFile), kPlacesPerFile - 1);
}

}  // namespace

DiffSide::DiffSide(rdb::Input& input, const std::string& folder)
    : ValueDigest(input), marks_(folder, kKeyPartitions) {}

Status DiffSide::function(std::string_view source) {
    if (libraries_.size() >= kLibrariesMax)
        return fail(ErrorCode::kLimit, "it has more libraries of functions than can be compared");
    libraries_[library_name(source)] = digest_of(source);
    return {};
}

Status DiffSide::begin_key(const rdb::KeyRecord& key) {
    mark_.key = key_digest(key.db, key.name);
    mark_.expire_at_ms = key.expire_at_ms.value_or(kNever);
    mark_.offset = key.offset;
    mark_.db = key.db;
    return ValueDigest::begin_key(key);
}

Status DiffSide::end_key(uint64_t end_offset) {
    TM_CHECK(ValueDigest::end_key(end_offset));
    mark_.value = value();
    return marks_.append(partition_of(mark_.key), mark_);
}

Status DiffSide::progress(uint64_t done, uint64_t) {
    return hear_ ? hear_(done) : Status();
}

Differences::Differences(const std::string& folder, uint64_t first_size, uint64_t second_size)
    : folder_(folder),
      first_size_(first_size),
      second_size_(second_size),
      by_place_(folder, 2 * kPlacesPerFile) {}

Status Differences::compare(const DiffSide& first, const DiffSide& second, CompareTtl ttl) {
    return compare(first, second, ttl, OpenKeys(folder_));
}

Status Differences::compare(const DiffSide& first, const DiffSide& second, CompareTtl ttl,
                            const OpenKeys& open) {
    compare_libraries(first, second);
    for (size_t i = 0; i < kKeyPartitions; ++i) {
        const OpenKeys::Part open_here = TM_TRY(open.part(i));
        TM_CHECK(compare_partition(TM_TRY(first.marks().read(i)), TM_TRY(second.marks().read(i)),
                                   ttl, open_here));
    }
    return {};
}

// A key that is there twice pairs with its like by order; what is over is gone or new.
Status Differences::compare_partition(std::vector<KeyMark> first, std::vector<KeyMark> second,
                                      CompareTtl ttl, const OpenKeys::Part& open) {
    std::sort(first.begin(), first.end(), by_key);
    std::sort(second.begin(), second.end(), by_key);
    auto a = first.begin();
    auto b = second.begin();
    size_t names_seen = 0;
    while (a != first.end() || b != second.end()) {
        const bool only_first = b == second.end() || (a != first.end() && a->key < b->key);
        const bool only_second = a == first.end() || (b != second.end() && b->key < a->key);
        const KeyMark* one = only_second ? nullptr : &*a++;
        const KeyMark* other = only_first ? nullptr : &*b++;
        const KeyMark& known = one != nullptr ? *one : *other;
        switch (open.holds(known.db, known.key)) {
            case Open::kNo:
                TM_CHECK(compare_marks(one, other, ttl));
                break;
            case Open::kNamed:
                ++names_seen;
                TM_CHECK(add(difference_of(Change::kOpen, one, other)));
                break;
            case Open::kWhole:
                ++counts_.open;
                break;
        }
    }
    // (In a dump that has one twice it was seen twice.)
    counts_.nowhere += open.names() - std::min(names_seen, open.names());
    return {};
}

// Of one key; nullptr on the side that does not have it.
Status Differences::compare_marks(const KeyMark* first, const KeyMark* second, CompareTtl ttl) {
    if (second == nullptr) return add(difference_of(Change::kRemoved, first, nullptr));
    if (first == nullptr) return add(difference_of(Change::kAdded, nullptr, second));
    if (first->value != second->value) return add(difference_of(Change::kChanged, first, second));
    if (ttl == CompareTtl::kYes && first->expire_at_ms != second->expire_at_ms)
        return add(difference_of(Change::kTtl, first, second));
    ++counts_.same;
    return {};
}

void Differences::compare_libraries(const DiffSide& first, const DiffSide& second) {
    for (const auto& [name, digest] : first.libraries()) {
        const auto other = second.libraries().find(name);
        if (other == second.libraries().end()) {
            libraries_[name] = Change::kRemoved;
        } else if (other->second != digest) {
            libraries_[name] = Change::kChanged;
        }
    }
    for (const auto& [name, digest] : second.libraries())
        if (!first.libraries().contains(name)) libraries_[name] = Change::kAdded;
}

Status Differences::add(const Difference& difference) {
    switch (difference.change) {
        case Change::kRemoved:
            ++counts_.removed;
            break;
        case Change::kAdded:
            ++counts_.added;
            break;
        case Change::kChanged:
            ++counts_.changed;
            break;
        case Change::kTtl:
            ++counts_.ttl;
            break;
        case Change::kOpen:
            ++counts_.open;
            break;
    }
    if (difference.first_offset == 0) {
        return by_place_.append(kPlacesPerFile + place_of(difference.second_offset, second_size_),
                                difference);
    }
    return by_place_.append(place_of(difference.first_offset, first_size_), difference);
}

Status Differences::for_each(const std::function<Status(const Difference&)>& visit) const {
    for (size_t i = 0; i < by_place_.partitions(); ++i) {
        std::vector<Difference> differences = TM_TRY(by_place_.read(i));
        std::sort(differences.begin(), differences.end(),
                  [](const Difference& a, const Difference& b) {
                      return std::tie(a.first_offset, a.second_offset) <
                             std::tie(b.first_offset, b.second_offset);
                  });
        for (const Difference& difference : differences) TM_CHECK(visit(difference));
    }
    return {};
}

}  // namespace tidemark::rdb_check
