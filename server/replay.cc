#include "server/replay.h"

#include <fmt/format.h>

namespace tidemark::server {

namespace {

// Commands whose cache misses are overlapped. More than the processor's line fill buffers can hold
// in flight gains nothing.
constexpr size_t kAhead = 16;

std::string shown(std::string_view name) {
    constexpr size_t kMaxShown = 64;
    return std::string(name.substr(0, kMaxShown));
}

}  // namespace

Replay::Replay(cmd::Dispatcher& dispatcher, std::function<Status(uint64_t, uint64_t)> progress)
    : dispatcher_(dispatcher), progress_(std::move(progress)) {
    session_.authenticated = true;
}

Status Replay::apply(std::span<const std::span<const std::string_view>> commands, size_t* failed) {
    for (size_t first = 0; first < commands.size(); first += kAhead) {
        const auto run = commands.subspan(first, std::min(kAhead, commands.size() - first));
        prepared_.clear();
        for (const auto& args : run) prepared_.push_back(dispatcher_.prepare_one(session_, args));
        dispatcher_.prefetch_entries(session_, prepared_);
        for (size_t i = 0; i < run.size(); ++i) {
            scratch_.clear();
            resp::Reply reply(scratch_, resp::Protocol::kResp2);
            if (dispatcher_.replay(session_, run[i], prepared_[i], reply)) continue;
            *failed = first + i;
            return fail(ErrorCode::kCorrupt,
                        fmt::format("command '{}' cannot be replayed", shown(run[i][0])));
        }
    }
    return {};
}

Status Replay::load_rdb(io::File&, uint64_t*) {
    return fail(ErrorCode::kUnsupported,
                "this is an RDB file, which this version cannot load; let redis-server rewrite the "
                "log with 'CONFIG SET aof-use-rdb-preamble no' and BGREWRITEAOF first");
}

Status Replay::on_progress(uint64_t bytes_done, uint64_t bytes_total) {
    return progress_(bytes_done, bytes_total);
}

}  // namespace tidemark::server
