// Where committed writes go. The engine does not know what a log is: it tells the sink, and keeps
// the offset that comes back beside the keys that changed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark::engine {

struct CommitRecord {
    int db;
    std::span<const std::string_view> args;
    // `args` already framed as a RESP array in canonical form, or empty.
    std::string_view canonical;
};

class CommitSink {
public:
    virtual ~CommitSink() = default;

    // Takes the record (copies it) and returns the log offset just behind it: the reply that
    // depends on this write may leave once that offset is durable. Offsets rise strictly.
    virtual uint64_t append(const CommitRecord& record) = 0;
    // Records between these two become durable together or not at all. MULTI is written with the
    // first record, so an empty transaction leaves no trace. Not nested.
    virtual void begin_transaction() = 0;
    virtual void end_transaction() = 0;

    // Newest offset handed out, and the offset up to which everything is as durable as the policy
    // asks. Equal when nothing is pending (always so with a policy that holds no replies). Every
    // command asks, so they are kept here instead of being asked for.
    uint64_t appended_offset() const { return appended_; }
    uint64_t released_offset() const { return released_; }

protected:
    void set_appended(uint64_t offset) { appended_ = offset; }
    void set_released(uint64_t offset) { released_ = offset; }

private:
    uint64_t appended_ = 0;
    uint64_t released_ = 0;
};

// For a server without a log, and for tests that do not look.
class NullCommitSink final : public CommitSink {
public:
    uint64_t append(const CommitRecord&) override {
        set_appended(appended_offset() + 1);
        set_released(appended_offset());
        return appended_offset();
    }
    void begin_transaction() override {}
    void end_transaction() override {}
};

}  // namespace tidemark::engine
