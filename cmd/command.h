// A command: its row in the table and what a handler is given.
//
// A ReadHandler gets a const ReadTxn&, a WriteHandler a WriteTxn&, so a read command that changes
// data does not compile, and the readonly and write flags are derived from which of them a row has.
// Arity, key extraction, COMMAND, ACL categories and refusals all come from the row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "cmd/server_control.h"
#include "cmd/session.h"
#include "engine/txn.h"
#include "resp/reply.h"

namespace tidemark::cmd {

using Args = std::span<const std::string_view>;

struct Call {
    Args args;  // args[0] is the command's name as sent
    Session& session;
    ServerControl& server;
    resp::Reply& reply;
    // Hash of the argument at `hashed_arg`, computed ahead for prefetching; 0: none.
    uint32_t hashed_arg = 0;
    uint64_t hash = 0;

    // The key at argument `index`, using the hash that is already there.
    engine::Key key(const engine::ReadTxn& txn, uint32_t index) const {
        return index == hashed_arg && index != 0 ? engine::Key{args[index], hash}
                                                 : txn.key(args[index]);
    }
};

// Touches no data: PING, CLIENT, CONFIG, MULTI ...
struct SessionHandler {
    void (*run)(Call&);
};
struct ReadHandler {
    void (*run)(const engine::ReadTxn&, Call&);
};
struct WriteHandler {
    void (*run)(engine::WriteTxn&, Call&);
};
using Handler = std::variant<SessionHandler, ReadHandler, WriteHandler>;

// Flags as COMMAND INFO shows them; readonly and write are derived.
enum CommandFlag : uint32_t {
    kDenyOom = 1U << 0,
    kFast = 1U << 1,
    kAdmin = 1U << 2,
    kNoScript = 1U << 3,
    kLoading = 1U << 4,  // allowed while loading
    kStale = 1U << 5,
    kNoAuth = 1U << 6,  // allowed before AUTH
    kNoMulti = 1U << 7,
    kBlocking = 1U << 8,
    kProtected = 1U << 9,  // DEBUG: needs enable-debug-command
    kNoAsyncLoading = 1U << 10,
    kAllowBusy = 1U << 11,
    kTouchesArbitraryKeys = 1U << 12,
    kSkipSlowlog = 1U << 13,
    kMayReplicate = 1U << 14,
    kSentinel = 1U << 15,
};

// first, last (negative: from the end), step; {0, 0, 0}: no keys.
struct KeyRange {
    int16_t first = 0;
    int16_t last = 0;
    int16_t step = 0;
};

struct CommandSpec {
    std::string_view name;  // upper case; "CLIENT|LIST" for a subcommand
    int16_t arity;          // as Redis: exact, or at least -arity
    uint32_t flags;
    KeyRange keys;
    Handler handler;
    std::string_view extra_categories = {};  // ACL categories beyond the derived ones: "string"
    // Position in the table; set when the table is built. Indexes the per-command statistics.
    uint16_t index = 0;

    bool is_write() const { return std::holds_alternative<WriteHandler>(handler); }
    bool is_read() const { return std::holds_alternative<ReadHandler>(handler); }
};

}  // namespace tidemark::cmd
