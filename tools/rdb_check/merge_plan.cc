#include "tools/rdb_check/merge_plan.h"

#include <algorithm>
#include <tuple>

namespace tidemark::rdb_check {

namespace {

constexpr size_t kPartitions = 256;
constexpr size_t kPlacesMax = 1024;  // of all files
constexpr size_t kExamplesMax = 20;

bool by_name(const NameMark& a, const NameMark& b) {
    return std::tie(a.name, a.file, a.offset) < std::tie(b.name, b.file, b.offset);
}

bool same_name(const NameMark& a, const NameMark& b) {
    return a.name == b.name;
}

Fate fate_in(OnConflict policy, size_t index, size_t count) {
    switch (policy) {
        case OnConflict::kFail:
            return Fate::kKeep;  // nothing will be written
        case OnConflict::kFirst:
            return index == 0 ? Fate::kKeep : Fate::kDrop;
        case OnConflict::kLast:
            return index + 1 == count ? Fate::kKeep : Fate::kDrop;
        case OnConflict::kRename:
            return index == 0 ? Fate::kKeep : Fate::kRename;
    }
    return Fate::kKeep;
}

size_t partition_of(const Digest& name) {
    return name.high >> 56;
}

}  // namespace

MergePlan::MergePlan(const std::string& folder, std::vector<uint64_t> sizes)
    : sizes_(std::move(sizes)),
      places_per_file_(std::max<size_t>(1, kPlacesMax / std::max<size_t>(1, sizes_.size()))),
      names_(folder, kPartitions),
      new_names_(folder, kPartitions),
      fates_(folder, places_per_file_ * sizes_.size()) {}

Status MergePlan::add(uint32_t file, uint64_t db, std::string_view name, uint64_t offset) {
    const Digest digest = key_digest(db, name);
    return names_.append(partition_of(digest), {digest, file, static_cast<uint32_t>(db), offset});
}

Status MergePlan::add_new_name(uint32_t file, uint64_t db, std::string_view name, uint64_t offset) {
    const Digest digest = key_digest(db, name);
    return new_names_.append(partition_of(digest),
                             {digest, file, static_cast<uint32_t>(db), offset});
}

Status MergePlan::decide(OnConflict policy) {
    for (size_t i = 0; i < kPartitions; ++i) {
        std::vector<NameMark> marks = TM_TRY(names_.read(i));
        std::sort(marks.begin(), marks.end(), by_name);
        for (size_t begin = 0; begin < marks.size();) {
            size_t end = begin + 1;
            while (end < marks.size() && same_name(marks[begin], marks[end])) ++end;
            if (end - begin > 1) TM_CHECK(decide_same(marks, begin, end, policy));
            begin = end;
        }
    }
    return {};
}

Status MergePlan::decide_same(const std::vector<NameMark>& marks, size_t begin, size_t end,
                              OnConflict policy) {
    for (size_t i = begin; i < end; ++i) {
        const Fate fate = fate_in(policy, i - begin, end - begin);
        if (fate != Fate::kKeep) TM_CHECK(set_fate(marks[i], fate));
    }
    conflicts_ += end - begin - 1;
    if (examples_.size() < kExamplesMax) examples_.push_back(marks[begin + 1]);
    return {};
}

size_t MergePlan::place_of(uint32_t file, uint64_t offset) const {
    const auto share =
        static_cast<long double>(offset) / static_cast<long double>(sizes_[file] + 1);
    const auto places = static_cast<long double>(places_per_file_);
    return file * places_per_file_ +
           std::min(static_cast<size_t>(share * places), places_per_file_ - 1);
}

Status MergePlan::set_fate(const NameMark& mark, Fate fate) {
    return fates_.append(place_of(mark.file, mark.offset), {mark.offset, mark.db, fate});
}

Result<std::vector<FateMark>> MergePlan::fates_at(size_t place) const {
    std::vector<FateMark> fates = TM_TRY(fates_.read(place));
    std::sort(fates.begin(), fates.end(),
              [](const FateMark& a, const FateMark& b) { return a.offset < b.offset; });
    return fates;
}

Status MergePlan::for_each_rename(
    const std::function<Status(uint32_t file, uint64_t db, uint64_t offset)>& visit) const {
    for (size_t place = 0; place < fates_.partitions(); ++place) {
        for (const FateMark& mark : TM_TRY(fates_at(place))) {
            if (mark.fate != Fate::kRename) continue;
            TM_CHECK(visit(static_cast<uint32_t>(place / places_per_file_), mark.db, mark.offset));
        }
    }
    return {};
}

Result<std::optional<NameMark>> MergePlan::taken_new_name() const {
    for (size_t i = 0; i < kPartitions; ++i) {
        std::vector<NameMark> wanted = TM_TRY(new_names_.read(i));
        if (wanted.empty()) continue;
        std::sort(wanted.begin(), wanted.end(), by_name);
        const auto twice = std::adjacent_find(wanted.begin(), wanted.end(), same_name);
        if (twice != wanted.end()) return std::optional(*twice);
        std::vector<NameMark> names = TM_TRY(names_.read(i));
        std::sort(names.begin(), names.end(), by_name);
        for (const NameMark& mark : wanted) {
            const auto found = std::lower_bound(
                names.begin(), names.end(), mark,
                [](const NameMark& a, const NameMark& b) { return a.name < b.name; });
            if (found != names.end() && same_name(*found, mark)) return std::optional(mark);
        }
    }
    return std::optional<NameMark>();
}

Result<Fate> MergePlan::fate_of(uint32_t file, uint64_t offset) {
    const size_t place = place_of(file, offset);
    if (place_ != place) {
        here_ = TM_TRY(fates_at(place));
        place_ = place;
        next_ = 0;
    }
    while (next_ < here_.size() && here_[next_].offset < offset) ++next_;
    if (next_ < here_.size() && here_[next_].offset == offset) return here_[next_].fate;
    return Fate::kKeep;
}

}  // namespace tidemark::rdb_check
