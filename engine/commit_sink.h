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
    // asks. Equal when nothing is pending (always so with a policy that holds no replies).
    virtual uint64_t appended_offset() const = 0;
    virtual uint64_t released_offset() const = 0;
};

// For a server without a log, and for tests that do not look.
class NullCommitSink final : public CommitSink {
public:
    uint64_t append(const CommitRecord&) override { return ++offset_; }
    void begin_transaction() override {}
    void end_transaction() override {}
    uint64_t appended_offset() const override { return offset_; }
    uint64_t released_offset() const override { return offset_; }

private:
    uint64_t offset_ = 0;
};

}  // namespace tidemark::engine
