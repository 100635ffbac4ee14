#include "server/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/command_names.h"
#include "rdb/load.h"

namespace tidemark::server {

namespace {

// Commands whose cache misses are overlapped. More than the processor's line fill buffers can hold
// in flight gains nothing.
constexpr size_t kAhead = 16;

std::string shown(std::string_view name) {
    constexpr size_t kMaxShown = 64;
    return std::string(name.substr(0, kMaxShown));
}

// What a Redis may have logged and we cannot replay yet is no damage to the log.
bool is_redis_command(std::span<const std::string_view> args) {
    const aof::CommandNames names;
    const aof::CommandName* row = names.find(args);
    return row != nullptr && row->logged == aof::Logged::kLogged &&
           aof::arity_fits(*row, args.size());
}

}  // namespace

Replay::Replay(cmd::Dispatcher& dispatcher, engine::Keyspace& keyspace,
               std::function<Status(uint64_t, uint64_t)> progress)
    : dispatcher_(dispatcher), keyspace_(keyspace), progress_(std::move(progress)) {
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
            if (prepared_[i].match.outcome != cmd::Lookup::kFound && is_redis_command(run[i])) {
                return fail(ErrorCode::kUnsupported,
                            fmt::format("command '{}' is one of Redis's that this version does not "
                                        "know yet: the log is not damaged, and a server that has "
                                        "the command loads it",
                                        shown(run[i][0])));
            }
            return fail(ErrorCode::kCorrupt,
                        fmt::format("command '{}' cannot be replayed", shown(run[i][0])));
        }
    }
    return {};
}

Status Replay::load_rdb(io::File& file, uint64_t* end_offset) {
    // The RDB part is one of the log's bytes: progress goes on from where it was.
    const auto progress = [this](uint64_t done, uint64_t total) {
        return progress_(bytes_done_ + done, std::max(bytes_total_, bytes_done_ + total));
    };
    const rdb::Summary summary = TM_TRY(rdb::load_base(file, keyspace_, progress));
    rdb_keys_ += summary.keys;
    *end_offset = summary.end_offset;
    return {};
}

Status Replay::on_progress(uint64_t bytes_done, uint64_t bytes_total) {
    bytes_done_ = bytes_done;
    bytes_total_ = bytes_total;
    return progress_(bytes_done, bytes_total);
}

}  // namespace tidemark::server
