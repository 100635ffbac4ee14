// Rows 7 and 8: how long nothing is answered, while the table grows and while the log is replayed.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/number.h"
#include "bench/request_writer.h"
#include "bench/rows.h"

namespace tidemark::bench {

namespace {

constexpr Target kPauseTarget{Bound::kAtMost, 1000};  // microseconds
constexpr Target kRestartTarget{Bound::kAtLeast, 2.5};

// The fields of INFO in which a server says its longest turn, if it does: by the wall clock, in
// which the scheduler shows, and by what the loop's thread computed.
constexpr const char* kPauseField = "loop_pause_usec_max";
constexpr const char* kPauseCpuField = "loop_pause_cpu_usec_max";

// Few enough outstanding that the probe's figure is not mostly the client's own queue.
constexpr int kGrowthConnections = 4;
constexpr int kGrowthPipeline = 16;
constexpr double kProbesPerSecond = 1'000;

constexpr uint32_t kRestartValueBytes = 100;
constexpr double kRestartSecondsMax = 300;

struct Growth {
    double probe_max_us = 0;
    std::optional<double> said_max_us;
    std::optional<double> said_cpu_max_us;
};

Result<Growth> grow(Arena& arena, Side side, int row) {
    auto server = TM_TRY(arena.start(side, Persistence::kNone));
    (void)server->ask({"CONFIG", "RESETSTAT"});
    Lane probe;
    probe.verb = Verb::kPing;
    probe.connections = 1;
    probe.rate = kProbesPerSecond;
    Lane writer;
    writer.connections = kGrowthConnections;
    writer.pipeline = kGrowthPipeline;
    writer.order = KeyOrder::kSequential;
    writer.keys = {0, arena.options().growth_keys};
    writer.requests = writer.keys.count;
    auto generator = TM_TRY(arena.connect(*server, {probe, writer}));
    const double cpu_before = server->cpu_us();
    const LoadResult result = TM_TRY(arena.run(*generator, 0));
    const auto replies = static_cast<double>(result.lanes[0].replies + result.lanes[1].replies);

    Series series;
    series.server = server->name();
    series.ops_per_s = {replies / result.seconds};
    series.server_us = {(server->cpu_us() - cpu_before) / replies};
    series.client_us = {result.client_cpu_us / replies};
    series.latency.add(result.lanes[0].reads);
    arena.report().add(row, "PING beside SETs of new keys", series);

    Growth growth;
    growth.probe_max_us = static_cast<double>(series.latency.max()) / 1e3;
    if (const auto said = server->info(kPauseField)) growth.said_max_us = parse_double(*said);
    if (const auto said = server->info(kPauseCpuField)) {
        growth.said_cpu_max_us = parse_double(*said);
    }
    return growth;
}

std::string us_text(double us) {
    return fmt::format("{:.0f} us", us);
}

// Writes bytes to a file through one large buffer.
class FileWriter {
public:
    explicit FileWriter(const std::string& path)
        : path_(path), fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {}
    ~FileWriter() {
        if (fd_ >= 0) close(fd_);
    }
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    std::vector<char>& buffer() { return buffer_; }
    Status flush_when_full() { return buffer_.size() < kBufferBytes ? Status{} : flush(); }
    Status flush() {
        for (size_t at = 0; at < buffer_.size();) {
            const ssize_t n = write(fd_, buffer_.data() + at, buffer_.size() - at);
            if (n < 0) return fail(system_error(errno, "cannot write " + path_));
            at += static_cast<size_t>(n);
        }
        buffer_.clear();
        return {};
    }
    Status finish() {
        TM_CHECK(flush());
        if (fsync(fd_) != 0) return fail(system_error(errno, "cannot sync " + path_));
        return {};
    }

private:
    static constexpr size_t kBufferBytes = size_t{1} << 20;

    std::string path_;
    int fd_;
    std::vector<char> buffer_;
};

Status write_text(const std::string& path, const std::string& text) {
    FileWriter file(path);
    file.buffer().assign(text.begin(), text.end());
    return file.finish();
}

// A folder as a server that logged so many SETs would have left it.
Status write_log(const std::string& folder, uint64_t sets) {
    const std::string log = folder + "/appendonlydir";
    if (mkdir(log.c_str(), 0700) != 0) return fail(system_error(errno, "cannot make " + log));
    FileWriter file(log + "/appendonly.aof.1.incr.aof");
    constexpr std::string_view kSelect = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";
    file.buffer().assign(kSelect.begin(), kSelect.end());
    const RequestWriter request(Verb::kSet, kRestartValueBytes, 0);
    for (uint64_t key = 0; key < sets; key++) {
        request.append(file.buffer(), key);
        TM_CHECK(file.flush_when_full());
    }
    TM_CHECK(file.finish());
    return write_text(log + "/appendonly.aof.manifest",
                      "file appendonly.aof.1.incr.aof seq 1 type i\n");
}

// Seconds from start to PONG; every key must be there.
Result<double> restart(Arena& arena, Side side, const std::string& folder) {
    const ServerSetup setup = arena.setup(side, Persistence::kEverysec, folder);
    auto server = TM_TRY(ServerProcess::start(setup));
    const double seconds = TM_TRY(server->wait_ready(arena.stop(), kRestartSecondsMax));
    const auto size = TM_TRY(server->ask({"DBSIZE"}));
    if (size == fmt::to_string(arena.options().restart_sets)) return seconds;
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} came back with {} keys", server->name(), size));
}

}  // namespace

Status row_growth(Arena& arena, int row) {
    const Growth ours = TM_TRY(grow(arena, Side::kOurs, row));
    const Growth peer = TM_TRY(grow(arena, Side::kPeer, row));
    const std::string keys = short_number(static_cast<double>(arena.options().growth_keys));
    // The figure that is judged is the one that has the least of others in it: the loop's own work,
    // else its wall clock, else the client's.
    std::optional<Target> target = kPauseTarget;
    const auto add_said = [&](const std::optional<double>& said, const char* what) {
        if (!said) return;
        arena.report().add(Figure{row,
                                  fmt::format("longest pause growing to {} keys, {}", keys, what),
                                  us_text(*said), "", *said, " us", target});
        target = std::nullopt;
    };
    add_said(ours.said_cpu_max_us, "the loop's CPU");
    add_said(ours.said_max_us, "by INFO");
    arena.report().add(Figure{
        row, fmt::format("longest PING growing to {} keys (with the client)", keys),
        us_text(ours.probe_max_us), us_text(peer.probe_max_us), ours.probe_max_us, " us", target});
    return {};
}

Status row_restart(Arena& arena, int row) {
    const uint64_t sets = arena.options().restart_sets;
    const std::string ours_folder = TM_TRY(arena.folder(Side::kOurs));
    const std::string peer_folder = TM_TRY(arena.folder(Side::kPeer));
    TM_CHECK(write_log(ours_folder, sets));
    TM_CHECK(write_log(peer_folder, sets));
    std::vector<double> ours;
    std::vector<double> peer;
    constexpr int kRounds = 3;  // a restart is long and steady
    for (int i = 0; i < std::min(arena.options().rounds, kRounds); i++) {
        ours.push_back(TM_TRY(restart(arena, Side::kOurs, ours_folder)));
        peer.push_back(TM_TRY(restart(arena, Side::kPeer, peer_folder)));
    }
    const double ours_s = median(ours);
    const double peer_s = median(peer);
    arena.report().add(Figure{
        row, fmt::format("restart from a log of {} SETs", short_number(static_cast<double>(sets))),
        fmt::format("{:.2f} s", ours_s), fmt::format("{:.2f} s", peer_s), peer_s / ours_s, "x",
        kRestartTarget});
    return {};
}

}  // namespace tidemark::bench
