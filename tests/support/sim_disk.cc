#include "tests/support/sim_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace tidemark::testing {

namespace {

std::string folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

bool touches(const std::string& path, const std::string& folder) {
    return !path.empty() && folder_of(path) == folder;
}

}  // namespace

// A write, or a change of size where `bytes` is empty.
struct Change {
    uint64_t offset;
    std::string bytes;
    uint64_t new_size;
};

struct SimDisk::Inode {
    std::string now;              // what reads return
    std::string durable;          // what is certain to survive
    std::vector<Change> pending;  // leads from durable to now

    void change(Change change) {
        apply(now, change);
        pending.push_back(std::move(change));
    }
    static void apply(std::string& data, const Change& change) {
        data.resize(change.new_size, '\0');
        if (change.bytes.empty()) return;
        std::memcpy(data.data() + change.offset, change.bytes.data(), change.bytes.size());
    }
    // A write past the cache is there for good. What the list of changes keeps of it is the size.
    void settle_direct(uint64_t offset, std::string_view bytes) {
        std::memcpy(durable.data() + offset, bytes.data(), bytes.size());
        const auto written = std::find_if(pending.begin(), pending.end(), [&](const Change& one) {
            return one.offset == offset && one.bytes.size() == bytes.size();
        });
        if (written != pending.end()) written->bytes.clear();
    }
    void settle(size_t count) {
        for (size_t i = 0; i < count; ++i) apply(durable, pending[i]);
        pending.erase(pending.begin(), pending.begin() + static_cast<ptrdiff_t>(count));
    }
    void crash(Random& random);
    void crash_sectors(Random& random);
    void replay_range(std::string& result, uint64_t from, uint64_t to, size_t count);
};

// Each sector has a history: its contents after each pending change. What survives is any of them,
// or the front of one and the back of another.
void SimDisk::Inode::crash_sectors(Random& random) {
    // Size changes are metadata: any of them may be the one that stuck.
    const size_t stuck = random.below(pending.size() + 1);
    const size_t size = stuck == 0 ? durable.size() : pending[stuck - 1].new_size;
    const bool mostly_new = random.one_in(2);
    std::string result(size, '\0');
    for (uint64_t start = 0; start < size; start += kSectorBytes) {
        const uint64_t end = std::min<uint64_t>(size, start + kSectorBytes);
        const auto pick = [&] {
            if (mostly_new && !random.one_in(4)) return pending.size();
            return random.below(pending.size() + 1);
        };
        const uint64_t tear = random.one_in(4) ? start + random.below(end - start + 1) : end;
        replay_range(result, start, tear, pick());
        if (tear < end) replay_range(result, tear, end, pick());
    }
    now = std::move(result);
}

// Puts into [from, to) of `result` what was there after the first `count` changes.
void SimDisk::Inode::replay_range(std::string& result, uint64_t from, uint64_t to, size_t count) {
    const auto copy = [&](std::string_view bytes, uint64_t offset) {
        const uint64_t a = std::max(from, offset);
        const uint64_t b = std::min<uint64_t>(to, offset + bytes.size());
        if (a < b) std::memcpy(result.data() + a, bytes.data() + (a - offset), b - a);
    };
    copy(durable, 0);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t cut = std::max(from, pending[i].new_size);
        if (cut < to) std::memset(result.data() + cut, 0, to - cut);
        copy(pending[i].bytes, pending[i].offset);
    }
}

void SimDisk::Inode::crash(Random& random) {
    switch (random.below(6)) {
        case 0:  // nothing made it
            now = durable;
            break;
        case 1:  // everything did
            break;
        case 2: {  // in order, up to some point
            const size_t count = random.below(pending.size() + 1);
            now = durable;
            for (size_t i = 0; i < count; ++i) apply(now, pending[i]);
            break;
        }
        default:
            crash_sectors(random);
    }
    durable = now;
    pending.clear();
}

class SimDisk::Handle final : public io::File {
public:
    Handle(SimDisk& disk, std::shared_ptr<Inode> inode, std::string path)
        : disk_(disk),
          inode_(std::move(inode)),
          path_(std::move(path)),
          generation_(disk.generation_) {}

    Result<uint64_t> size() override {
        if (dead()) return fail(system_error(EIO, "sim"));
        return inode_->now.size();
    }

    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        if (dead()) return fail(system_error(EIO, "sim"));
        if (offset >= inode_->now.size()) return size_t{0};
        const size_t count = std::min<size_t>(length, inode_->now.size() - offset);
        std::memcpy(to, inode_->now.data() + offset, count);
        return count;
    }

    Status write_at(std::string_view bytes, uint64_t offset) override {
        const int error = write(bytes, offset, "write");
        if (error != 0) return fail(system_error(error, "sim write"));
        return {};
    }

    Status truncate(uint64_t size) override {
        const Verdict verdict =
            dead() ? Verdict{Effect::kNothing, EIO} : disk_.next_io("truncate", path_);
        if (verdict.effect != Effect::kNothing) inode_->change({0, {}, size});
        if (verdict.error != 0) return fail(system_error(verdict.error, "sim truncate"));
        return {};
    }

    Status allocate(uint64_t, uint64_t) override { return {}; }

    Status data_sync() override {
        const int error = sync(covers());
        if (error != 0) return fail(system_error(error, "sim sync"));
        return {};
    }

    void start_data_sync(io::Operation& done) override {
        TM_ASSERT(!done.in_flight);
        done.in_flight = true;
        InFlight entry;
        entry.operation = &done;
        entry.inode = inode_;
        entry.folder = path_;
        entry.covers = covers();
        entry.is_sync = true;
        const Verdict verdict =
            dead() ? Verdict{Effect::kNothing, EIO} : disk_.next_io("sync", path_);
        entry.result = -verdict.error;
        // Some of it may have reached the disk all the same; which part is the crash's choice.
        if (verdict.effect != Effect::kAll) entry.covers = 0;
        if (verdict.error != 0 && inode_) forget_pages();
        disk_.in_flight_.push_back(std::move(entry));
    }

    // A caller that says so of bytes that a crash could still take has lost count.
    void drop_cached(uint64_t offset, uint64_t length) override {
        if (dead()) return;
        for (const Change& change : inode_->pending) {
            TM_ASSERT(change.offset >= offset + length ||
                      change.offset + change.bytes.size() <= offset || change.bytes.empty());
        }
    }

    void start_write(std::string_view bytes, uint64_t offset, io::Operation& done) override {
        begin_write(bytes, offset, "write", done);
    }

    bool open_direct() override { return disk_.direct_ != Direct::kNotOpened; }

    void start_direct_write(std::string_view bytes, uint64_t offset, io::Operation& done) override {
        TM_ASSERT(bytes.size() % io::kDirectBlockBytes == 0);
        TM_ASSERT(reinterpret_cast<uintptr_t>(bytes.data()) % io::kDirectBlockBytes == 0);
        TM_ASSERT(offset % io::kDirectBlockBytes == 0);
        TM_ASSERT(dead() || is_settled(offset, bytes.size()));
        if (disk_.direct_ == Direct::kNotTaken) {
            done.in_flight = true;
            disk_.in_flight_.emplace_back().operation = &done;
            disk_.in_flight_.back().result = -EINVAL;
            return;
        }
        InFlight& entry = begin_write(bytes, offset, "direct write", done);
        entry.inode = inode_;
        entry.direct_offset = offset;
        entry.direct_bytes = bytes;
    }

private:
    // All of it is inside the durable file, and nothing there waits for a sync.
    bool is_settled(uint64_t offset, size_t length) const {
        if (offset + length > inode_->durable.size()) return false;
        return std::none_of(inode_->pending.begin(), inode_->pending.end(), [&](const Change& one) {
            const bool cuts = one.new_size < offset + length;
            const bool meets =
                one.offset < offset + length && offset < one.offset + one.bytes.size();
            return cuts || meets;
        });
    }
    bool dead() const { return generation_ != disk_.generation_; }

    size_t covers() const { return inode_ ? inode_->pending.size() : disk_.pending_.size(); }

    InFlight& begin_write(std::string_view bytes, uint64_t offset, std::string_view what,
                          io::Operation& done) {
        TM_ASSERT(!done.in_flight);
        done.in_flight = true;
        InFlight entry;
        entry.operation = &done;
        const int error = write(bytes, offset, what);
        entry.result = error != 0 ? -error : static_cast<int32_t>(bytes.size());
        return disk_.in_flight_.emplace_back(std::move(entry));
    }

    int write(std::string_view bytes, uint64_t offset, std::string_view what) {
        if (dead()) return EIO;
        Verdict verdict = disk_.next_io(what, path_);
        if (disk_.full_ && verdict.error == 0 && offset + bytes.size() > inode_->now.size()) {
            verdict = {Effect::kPart, ENOSPC};
        }
        if (verdict.effect == Effect::kNothing) return verdict.error;
        if (verdict.effect == Effect::kPart) bytes = bytes.substr(0, bytes.size() / 2);
        if (bytes.empty()) return verdict.error;
        const uint64_t size = std::max<uint64_t>(inode_->now.size(), offset + bytes.size());
        inode_->change({offset, std::string(bytes), size});
        return verdict.error;
    }

    int sync(size_t covers) {
        if (dead()) return EIO;
        const Verdict verdict = disk_.next_io("sync", path_);
        if (verdict.error != 0) {
            if (inode_) forget_pages();
            return verdict.error;
        }
        if (inode_) {
            inode_->settle(covers);
        } else {
            disk_.settle_folder(path_, covers);
        }
        return 0;
    }

    // A failed sync: the cache still shows the bytes, the kernel holds them clean, the disk has
    // some of them. No later sync brings the others back.
    void forget_pages() {
        for (size_t i = 0; i < inode_->pending.size(); ++i) {
            if ((disk_.io_count_ + i) % 3 == 0) Inode::apply(inode_->durable, inode_->pending[i]);
        }
        inode_->pending.clear();
    }

    SimDisk& disk_;
    std::shared_ptr<Inode> inode_;
    std::string path_;  // of the folder where there is no inode
    uint64_t generation_;
};

SimDisk::SimDisk() = default;
SimDisk::~SimDisk() = default;

SimDisk::Verdict SimDisk::next_io(std::string_view what, const std::string& path) {
    if (power_off_) return {Effect::kNothing, EIO};
    if (io_count_++ != fault_at_ || fault_ == Fault::kNone) return {};
    fault_place_ = std::string(what) + " " + path;
    switch (fault_) {
        case Fault::kNone:
            return {};
        case Fault::kIoError:
            return {Effect::kPart, EIO};
        case Fault::kNoSpace:
            full_ = true;
            return {};
        case Fault::kPower:
            power_off_ = true;
            return {Effect::kPart, EIO};
    }
    return {};
}

// A call that changes names happens or does not; with the power going it may do both.
bool SimDisk::refused(const Verdict& verdict) const {
    return verdict.effect == Effect::kNothing || (verdict.error != 0 && !power_off_);
}

void SimDisk::apply(Names& names, const NameChange& change) {
    if (!change.removed.empty()) names.erase(change.removed);
    if (!change.added.empty()) names[change.added] = change.inode;
}

void SimDisk::change_names(NameChange change) {
    apply(names_, change);
    pending_.push_back(std::move(change));
}

Result<std::unique_ptr<io::File>> SimDisk::open(const std::string& path, io::OpenMode mode) {
    const bool is_folder = std::find(folders_.begin(), folders_.end(), path) != folders_.end();
    if (is_folder) {
        return std::unique_ptr<io::File>(std::make_unique<Handle>(*this, nullptr, path));
    }
    const auto found = names_.find(path);
    std::shared_ptr<Inode> inode = found == names_.end() ? nullptr : found->second;
    const bool reads = mode == io::OpenMode::kRead || mode == io::OpenMode::kReadWrite;
    if (reads && !inode) return fail(system_error(ENOENT, path));
    if (mode == io::OpenMode::kCreateNew && inode) return fail(system_error(EEXIST, path));
    const bool changes = !inode || (mode == io::OpenMode::kTruncate && !inode->now.empty());
    if (changes) {
        const Verdict verdict = next_io(inode ? "empty" : "create", path);
        if (refused(verdict)) return fail(system_error(verdict.error, path));
        if (!inode) {
            inode = std::make_shared<Inode>();
            change_names({path, {}, inode});
        } else {
            inode->change({0, {}, 0});
        }
        if (verdict.error != 0) return fail(system_error(verdict.error, path));
    }
    return std::unique_ptr<io::File>(std::make_unique<Handle>(*this, inode, path));
}

Status SimDisk::rename(const std::string& from, const std::string& to) {
    const auto found = names_.find(from);
    if (found == names_.end()) return fail(system_error(ENOENT, from));
    const Verdict verdict = next_io("rename", from);
    if (refused(verdict)) return fail(system_error(verdict.error, from));
    change_names({to, from, found->second});
    if (verdict.error != 0) return fail(system_error(verdict.error, from));
    return {};
}

Status SimDisk::remove(const std::string& path) {
    if (names_.count(path) == 0) return fail(system_error(ENOENT, path));
    const Verdict verdict = next_io("remove", path);
    if (refused(verdict)) return fail(system_error(verdict.error, path));
    change_names({{}, path, nullptr});
    if (verdict.error != 0) return fail(system_error(verdict.error, path));
    return {};
}

Result<bool> SimDisk::exists(const std::string& path) {
    return names_.count(path) > 0 ||
           std::find(folders_.begin(), folders_.end(), path) != folders_.end();
}

// Folders themselves survive: an empty one more or less decides nothing.
Status SimDisk::make_folder(const std::string& path) {
    if (std::find(folders_.begin(), folders_.end(), path) == folders_.end()) {
        folders_.push_back(path);
    }
    return {};
}

Result<std::vector<std::string>> SimDisk::list(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& [path, inode] : names_) {
        if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
    }
    return names;
}

Status SimDisk::sync_folder(const std::string& folder) {
    const Verdict verdict = next_io("sync", folder);
    if (verdict.error != 0) return fail(system_error(verdict.error, folder));
    settle_folder(folder, pending_.size());
    return {};
}

// What touches the folder becomes durable, a move between two folders as a whole.
void SimDisk::settle_folder(const std::string& folder, size_t covers) {
    std::vector<NameChange> rest;
    for (size_t i = 0; i < pending_.size(); ++i) {
        NameChange& change = pending_[i];
        const bool here = touches(change.added, folder) || touches(change.removed, folder);
        if (i < covers && here) {
            apply(durable_, change);
        } else {
            rest.push_back(std::move(change));
        }
    }
    pending_ = std::move(rest);
}

bool SimDisk::step(Random& random) {
    if (in_flight_.empty()) return false;
    const size_t index = random.below(in_flight_.size());
    const InFlight entry = in_flight_[index];
    in_flight_.erase(in_flight_.begin() + static_cast<ptrdiff_t>(index));
    // Power that went between start and completion: the answer never comes, nothing is certain.
    const bool certain = entry.is_sync && entry.result == 0 && !power_off_;
    if (!entry.direct_bytes.empty() && entry.result > 0 && !power_off_) {
        entry.inode->settle_direct(entry.direct_offset, entry.direct_bytes);
    } else if (certain && entry.inode) {
        entry.inode->settle(std::min(entry.covers, entry.inode->pending.size()));
    } else if (certain) {
        settle_folder(entry.folder, entry.covers);
    }
    if (power_off_ && entry.result >= 0) {
        entry.operation->in_flight = false;
        return true;
    }
    entry.operation->in_flight = false;
    entry.operation->on_complete(*entry.operation, {entry.result, 0});
    return true;
}

void SimDisk::kill() {
    in_flight_.clear();
    ++generation_;
}

void SimDisk::crash(Random& random) {
    kill();
    const uint64_t mode = random.below(4);
    const size_t up_to = random.below(pending_.size() + 1);
    for (size_t i = 0; i < pending_.size(); ++i) {
        // In order up to a point as a journal has it, or any of them.
        const bool kept = mode == 0 ? random.one_in(2) : mode == 1 ? true : i < up_to;
        if (kept) apply(durable_, pending_[i]);
    }
    pending_.clear();
    names_ = durable_;
    std::vector<Inode*> done;
    for (auto& [path, inode] : names_) {
        if (std::find(done.begin(), done.end(), inode.get()) != done.end()) continue;
        inode->crash(random);
        done.push_back(inode.get());
    }
    power_off_ = false;
    full_ = false;
    fault_ = Fault::kNone;
}

std::string* SimDisk::contents(const std::string& path) {
    const auto found = names_.find(path);
    return found == names_.end() ? nullptr : &found->second->now;
}

std::vector<std::string> SimDisk::paths() const {
    std::vector<std::string> paths;
    for (const auto& [path, inode] : names_) paths.push_back(path);
    return paths;
}

}  // namespace tidemark::testing
