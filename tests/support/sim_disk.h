// A disk that forgets. In memory; knows what was synced and what was not, and crash() turns it into
// any state that a real one could be in after the power went: every unsynced sector old, new, in
// between or torn; sizes and folder entries changed or not, in any order.
//
// Asynchronous syncs and writes complete when step() says so. The n-th I/O can be made to fail, or
// to be the one at which the power goes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "io/disk.h"

namespace tidemark::testing {

class SimDisk final : public io::Disk {
public:
    static constexpr uint64_t kSectorBytes = 512;

    enum class Fault {
        kNone,
        kIoError,  // that one call fails with EIO; a failed sync leaves its pages marked clean
        kNoSpace,  // ENOSPC from that write on, half of it written, until free_space()
        kPower,    // that one call happens in part; everything after it fails until crash()
    };

    SimDisk();
    ~SimDisk() override;

    Result<std::unique_ptr<io::File>> open(const std::string& path, io::OpenMode mode) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Result<bool> exists(const std::string& path) override;
    Status make_folder(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Status sync_folder(const std::string& folder) override;
    bool copies_on_write(const std::string&) override { return false; }

    // The fault meets the I/O with this number (from 0, counted by io_count()).
    void set_fault(Fault fault, uint64_t at_io) {
        fault_ = fault;
        fault_at_ = at_io;
    }
    void clear_fault() {
        fault_ = Fault::kNone;
        fault_place_.clear();
        full_ = false;
    }
    void free_space() { full_ = false; }
    // What becomes of direct writes: a file system may open no file for them, or take none.
    enum class Direct { kTaken, kNotOpened, kNotTaken };
    void set_direct(Direct direct) { direct_ = direct; }
    uint64_t io_count() const { return io_count_; }
    bool power_is_off() const { return power_off_; }

    // Completes one of the operations in flight, which one is chance. False: there was none.
    bool step(Random& random);
    size_t in_flight() const { return in_flight_.size(); }

    // What the fault met: "sync ./appendonlydir/appendonly.aof.1.incr.aof".
    const std::string& fault_place() const { return fault_place_; }

    // The process is killed: nothing in flight is answered, but the kernel forgets nothing.
    void kill();
    // The power goes (or went): forgets what was in flight, chooses what survived. Files that were
    // open are dead. Also resets the fault.
    void crash(Random& random);

    // What the disk holds now, for looking and for damaging. Counts no I/O.
    std::string* contents(const std::string& path);
    std::vector<std::string> paths() const;

    struct Inode;

private:
    class Handle;
    friend class Handle;
    using Names = std::map<std::string, std::shared_ptr<Inode>>;

    // A change to the names: `inode` now has `added` and no longer `removed`; either may be empty.
    struct NameChange {
        std::string added;
        std::string removed;
        std::shared_ptr<Inode> inode;
    };
    enum class Effect { kAll, kPart, kNothing };
    struct Verdict {
        Effect effect = Effect::kAll;
        int error = 0;
    };
    struct InFlight {
        io::Operation* operation;
        std::shared_ptr<Inode> inode;  // null: a folder
        std::string folder;
        size_t covers = 0;  // of the inode's pending changes
        int32_t result = 0;
        bool is_sync = false;
        uint64_t direct_offset = 0;
        std::string_view direct_bytes;  // past the cache; the caller keeps them
    };

    // Counts an I/O and says what becomes of it.
    Verdict next_io(std::string_view what, const std::string& path);
    bool refused(const Verdict& verdict) const;
    static void apply(Names& names, const NameChange& change);
    void change_names(NameChange change);
    void settle_folder(const std::string& folder, size_t covers);

    Names names_;    // as every process sees them
    Names durable_;  // as a crash would leave them, without pending_
    std::vector<NameChange> pending_;
    std::vector<std::string> folders_;
    std::vector<InFlight> in_flight_;
    Fault fault_ = Fault::kNone;
    uint64_t fault_at_ = 0;
    std::string fault_place_;
    uint64_t io_count_ = 0;
    bool power_off_ = false;
    bool full_ = false;
    Direct direct_ = Direct::kTaken;
    uint64_t generation_ = 0;  // handles from before a crash are dead
};

}  // namespace tidemark::testing
