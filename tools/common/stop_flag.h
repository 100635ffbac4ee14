// SIGINT and SIGTERM as a flag to look at: what runs between two records or two MiB asks it, and
// ends by returning interrupted(), so that destructors take half-written output away.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace tidemark::tools {

// How many records pass between two looks at it.
inline constexpr uint64_t kItemsBetweenLooks = 1024;

class StopFlag {
public:
    virtual ~StopFlag() = default;
    virtual bool raised() const = 0;
    // Where one waits: a descriptor that becomes readable with the flag, or -1.
    virtual int fd() const { return -1; }

    Status check() const {
        if (!raised()) return {};
        return fail(ErrorCode::kLimit, "interrupted");
    }
};

// Never raised: for tests, and for what nobody interrupts.
class NoStop final : public StopFlag {
public:
    bool raised() const override { return false; }
};

// Blocks both signals in the calling thread and in those that it starts later; so make it first.
class SignalStop final : public StopFlag {
public:
    SignalStop();
    ~SignalStop() override;
    SignalStop(const SignalStop&) = delete;
    SignalStop& operator=(const SignalStop&) = delete;

    bool raised() const override;
    int fd() const override { return fd_; }

private:
    int fd_;
};

}  // namespace tidemark::tools
