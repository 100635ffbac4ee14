#include "bench/loss.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <thread>

#include "base/number.h"

namespace tidemark::bench {

namespace {

constexpr int kClients = 20;
constexpr int kPipeline = 4;
constexpr double kWarmUpSeconds = 0.01;
// No load lasts as long: the cut ends it.
constexpr double kLoadSecondsMax = 60;

// When the cut comes. Under `always` any moment is as good as another. Otherwise late enough that a
// server which syncs every second has done so once or twice.
struct Moments {
    uint64_t first_ms;
    uint64_t last_ms;
};

Moments moments_of(Persistence policy) {
    if (policy == Persistence::kAlways) return {20, 250};
    return {200, 2'400};
}

// Cuts at its time, on a thread of its own, since the load runs on ours.
class Cutter {
public:
    Cutter(uint64_t after_ms, const LoopDisk* disk, ServerProcess& server)
        : thread_([this, after_ms, disk, &server] {
              const timespec wait{static_cast<time_t>(after_ms / 1000),
                                  static_cast<long>(after_ms % 1000) * 1'000'000};
              clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, nullptr);
              const uint64_t asked_ns = now_ns();
              if (disk != nullptr) sync_age_us_ = sync_age_us_of(server);
              cut_ns_ = now_ns();
              asked_for_ns_ = cut_ns_ - asked_ns;
              if (disk != nullptr) status_ = disk->cut();
              server.kill_hard();
          }) {}
    ~Cutter() { join(); }
    Cutter(const Cutter&) = delete;
    Cutter& operator=(const Cutter&) = delete;

    void join() {
        if (thread_.joinable()) thread_.join();
    }
    // After join().
    uint64_t cut_ns() const { return cut_ns_; }
    // How long before the cut the last sync began, at most.
    std::optional<double> sync_age_ms() const {
        if (!sync_age_us_) return std::nullopt;
        return static_cast<double>(*sync_age_us_) / 1e3 + static_cast<double>(asked_for_ns_) / 1e6;
    }
    const Status& status() const { return status_; }

private:
    static std::optional<uint64_t> sync_age_us_of(ServerProcess& server) {
        const auto text = server.info("aof_sync_age_usec");
        return text ? parse_uint64(*text) : std::nullopt;
    }

    Status status_;
    std::optional<uint64_t> sync_age_us_;
    uint64_t asked_for_ns_ = 0;
    uint64_t cut_ns_ = 0;
    std::thread thread_;  // last: it uses the others
};

Lane counting_lane(int pipeline) {
    Lane lane;
    lane.verb = Verb::kIncr;
    lane.connections = kClients;
    lane.pipeline = pipeline;
    lane.keys = {0, kClients};
    lane.order = KeyOrder::kOwn;
    lane.acks = Acks::kKeepTimes;
    return lane;
}

}  // namespace

Result<LoopDisk> make_loss_disk(ScratchFolder& scratch) {
    constexpr uint64_t kImageBytes = uint64_t{1} << 30;  // sparse
    return LoopDisk::create(TM_TRY(scratch.subfolder("cut-backing")) + "/image", kImageBytes,
                            TM_TRY(scratch.subfolder("cut")), scratch.path());
}

double LossTest::seconds_of(Persistence policy) {
    const Moments moments = moments_of(policy);
    constexpr double kRestartSeconds = 0.4;
    return static_cast<double>(moments.first_ms + moments.last_ms) / 2000 + kRestartSeconds;
}

Result<std::string> LossTest::new_folder(const std::string& name) {
    if (disk_ == nullptr) return stage_.scratch().subfolder("loss-" + name);
    std::string path = fmt::format("{}/{}{}", disk_->path(), name, made_++);
    if (mkdir(path.c_str(), 0700) != 0) return fail(system_error(errno, "cannot make " + path));
    return path;
}

Result<LossTest::Outcome> LossTest::compare(ServerProcess& server, const LoadGenerator& generator,
                                            uint64_t cut_ns) const {
    Outcome outcome;
    for (size_t i = 0; i < kClients; i++) {
        const std::vector<uint64_t>& acks = generator.acks(i);
        const auto heard =
            disk_ == nullptr ? acks.end() : std::upper_bound(acks.begin(), acks.end(), cut_ns);
        const auto count = static_cast<uint64_t>(heard - acks.begin());
        const std::string text = TM_TRY(server.ask({"GET", fmt::format("key:{:012}", i)}));
        const auto left = text.empty() ? std::optional<uint64_t>(0) : parse_uint64(text);
        if (!left) return fail(ErrorCode::kCorrupt, "a counter came back as \"" + text + "\"");
        outcome.acknowledged += count;
        if (*left >= count) continue;
        outcome.lost += count - *left;
        const uint64_t first_lost_ns = acks[*left];
        const double ms =
            cut_ns > first_lost_ns ? static_cast<double>(cut_ns - first_lost_ns) / 1e6 : 0;
        outcome.lost_ms = std::max(outcome.lost_ms, ms);
    }
    return outcome;
}

Result<LossTest::Outcome> LossTest::cut_once(const Contestant& contestant, Persistence policy) {
    const std::string folder = TM_TRY(new_folder(contestant.name));
    const ServerSetup setup = stage_.setup(contestant, policy, folder);
    auto server = TM_TRY(stage_.start(setup));
    // Without a sync to wait for, a pipeline would only make more to remember.
    const int pipeline = policy == Persistence::kAlways ? kPipeline : 1;
    auto generator = TM_TRY(stage_.connect(*server, {counting_lane(pipeline)}));
    // So that every client has been told something, however slow the machine.
    TM_CHECK(stage_.run(*generator, kWarmUpSeconds));
    const Moments moments = moments_of(policy);
    const uint64_t after_ms =
        moments.first_ms + random_.below(moments.last_ms - moments.first_ms + 1);
    Cutter cutter(after_ms, disk_, *server);
    const auto loaded = generator->run(kLoadSecondsMax);
    cutter.join();
    TM_CHECK(Status(cutter.status()));
    if (stage_.stop().raised()) return fail(ErrorCode::kIo, "interrupted");
    if (loaded) return fail(ErrorCode::kIo, "the load outlived the cut");
    generator->collect_rest();
    server.reset();
    if (disk_ != nullptr) TM_CHECK(disk_->remount());

    auto again = stage_.start(setup);
    if (stage_.stop().raised()) return fail(ErrorCode::kIo, "interrupted");
    Outcome outcome;
    if (again) {
        outcome = TM_TRY(compare(**again, *generator, cutter.cut_ns()));
        outcome.sync_age_ms = cutter.sync_age_ms();
    } else {
        outcome.recovered = false;
        stage_.report().note(fmt::format(
            "after a {}: {}", cut_text(disk_ ? Cut::kPower : Cut::kKill), again.error().what));
    }
    std::error_code ignored;
    again = fail(ErrorCode::kIo, "");  // stopped, so that its folder can go
    std::filesystem::remove_all(folder, ignored);
    return outcome;
}

LossRow LossTest::run(const Contestant& contestant, Persistence policy, int cuts) {
    LossRow row;
    row.server = contestant.name;
    row.policy = policy;
    row.cut = disk_ != nullptr ? Cut::kPower : Cut::kKill;
    std::vector<double> lost_ms;
    for (int i = 0; i < cuts && !stage_.stop().raised(); i++) {
        progress_.step(fmt::format("{} {} of {}, {}, {}", cut_text(row.cut), i + 1, cuts,
                                   policy_text(policy), contestant.name),
                       seconds_of(policy));
        const auto outcome = cut_once(contestant, policy);
        if (!outcome) {
            if (!stage_.stop().raised()) row.failure = outcome.error().what;
            break;
        }
        row.cuts++;
        row.acknowledged += outcome->acknowledged;
        if (!outcome->recovered) row.not_recovered++;
        if (outcome->sync_age_ms) {
            const bool beyond = outcome->lost_ms > *outcome->sync_age_ms;
            row.cuts_beyond_sync = row.cuts_beyond_sync.value_or(0) + (beyond ? 1 : 0);
        }
        if (outcome->lost == 0) continue;
        row.cuts_with_loss++;
        row.lost += outcome->lost;
        row.lost_max = std::max(row.lost_max, outcome->lost);
        lost_ms.push_back(outcome->lost_ms);
    }
    row.lost_ms_median = median(lost_ms);
    for (const double ms : lost_ms) row.lost_ms_max = std::max(row.lost_ms_max, ms);
    if (!row.failure.empty()) {
        stage_.report().failed(fmt::format("loss, {} under {}", row.server, policy_text(policy)),
                               row.failure);
    }
    return row;
}

}  // namespace tidemark::bench
