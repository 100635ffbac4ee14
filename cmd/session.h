// What the server knows about one client, without its socket. Lives as long as the connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/watch.h"
#include "resp/reply.h"

namespace tidemark::cmd {

struct CommandSpec;

// CLIENT REPLY.
enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext, kSkipping };

// A command queued by MULTI, with its own copy of the arguments.
struct QueuedCommand {
    const CommandSpec* spec;
    std::vector<std::string> args;
};

struct MultiState {
    bool open = false;
    bool aborted = false;  // an error while queueing: EXEC answers EXECABORT
    std::vector<QueuedCommand> queue;
    size_t queued_bytes = 0;
};

struct Session {
    uint64_t id = 0;
    int db = 0;
    resp::Protocol protocol = resp::Protocol::kResp2;
    bool authenticated = false;
    bool no_evict = false;
    bool no_touch = false;
    bool close_after_reply = false;  // QUIT, CLIENT KILL of oneself, protocol errors
    bool close_at_once = false;      // without its replies: it speaks HTTP
    bool is_unix_socket = false;
    ReplyMode reply_mode = ReplyMode::kOn;
    // Filled in rarely; kept out of the idle connection's footprint where short (SSO).
    std::string name;
    std::string lib_name;
    std::string lib_version;
    std::string address;  // "127.0.0.1:5000" or "/path:0", as CLIENT LIST shows it
    std::string local_address;
    int fd = -1;
    int64_t created_us = 0;      // monotonic
    int64_t last_active_us = 0;  // monotonic
    const CommandSpec* last_command = nullptr;
    uint64_t last_write_offset = 0;  // log offset of its newest write, for WAIT and WAITAOF
    MultiState multi;
    engine::Watcher watcher;
};

}  // namespace tidemark::cmd
