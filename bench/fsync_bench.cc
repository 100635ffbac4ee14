// fsync-bench: what each fsync policy costs on this disk, what could be lost, and what Redis does
// here. docs/fsync.md says how to read what it prints.
//
// Exit status: 0 when everything ran, 1 when something failed (a server that died, a lost reply) or
// was interrupted, 2 when it could not begin. Whatever it started or mounted is gone afterwards.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <variant>

#include "bench/disk_probe.h"
#include "bench/fsync_options.h"
#include "bench/goals.h"
#include "bench/loss.h"
#include "bench/machine.h"
#include "bench/matrix.h"
#include "bench/progress.h"
#include "bench/seal_cost.h"
#include "bench/slow_disk.h"
#include "bench/stage.h"
#include "bench/stop_signal.h"

namespace tidemark::bench {

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitCannotBegin = 2;
constexpr double kReadySecondsMax = 10;

int cannot_begin(const Error& error) {
    fmt::print(stderr, "fsync-bench: {}.\n", error.what);
    return kExitCannotBegin;
}

// Why power cuts cannot be done here; empty when they can.
std::string cut_hindrance() {
    if (geteuid() != 0) return "a power cut takes root (a loop device to cut)";
    if (access("/dev/loop-control", R_OK | W_OK) != 0) return "there are no loop devices here";
    return {};
}

class FsyncBench {
public:
    FsyncBench(FsyncOptions options, StopSignal& stop)
        : options_(std::move(options)), stop_(stop) {}

    // Everything that can be known to be wrong before the first measurement.
    Status check();
    void run();
    Status write_results();
    bool failed() const { return report_.any_failed(); }

private:
    Status check_servers();
    Status check_ports() const;
    Status check_running();
    Status decide_extras();
    Result<std::string> version_of(const Contestant& contestant);
    void name_contestants();
    void describe();
    void run_here();
    void run_running();
    std::string cores_text() const;
    void run_slow(uint64_t delay_us);
    void run_loss();
    double seconds_planned() const;
    std::vector<Cell> slow_cells(uint64_t delay_us) const;

    FsyncOptions options_;
    StopSignal& stop_;
    Report report_;
    Cores cores_;
    std::string file_system_;
    std::optional<ScratchFolder> scratch_;
    std::optional<Stage> stage_;
    std::optional<Progress> progress_;
    std::vector<Contestant> contestants_;
    std::vector<uint64_t> delays_us_;
    bool cuts_power_ = false;
};

Status FsyncBench::check() {
    if (options_.goals && (options_.running || options_.peers.empty())) {
        return fail(ErrorCode::kInvalid,
                    "--goals compares ours with a peer that it starts; name "
                    "one with --peer");
    }
    raise_open_files();
    cores_ = choose_cores();
    if (options_.running) {
        scratch_.emplace(TM_TRY(ScratchFolder::create("/tmp")));
    } else {
        file_system_ = TM_TRY(file_system_of(options_.dir));
        const Status disk = check_disk(options_.dir, file_system_);
        if (!disk && !options_.quick) return disk;
        if (!disk) report_.note(disk.error().what);
        scratch_.emplace(TM_TRY(ScratchFolder::create(options_.dir)));
        TM_CHECK(decide_extras());
    }
    stage_.emplace(options_, cores_, *scratch_, stop_, report_);
    if (options_.running) {
        TM_CHECK(check_running());
    } else {
        name_contestants();
        TM_CHECK(check_ports());
        TM_CHECK(check_servers());
    }
    // From here on; the servers have a core of their own.
    if (cores_.load) TM_CHECK(pin_to_core(*cores_.load));
    describe();
    return {};
}

// What was asked for by name must be possible; what is only a default may be missing, with a word.
Status FsyncBench::decide_extras() {
    const std::string no_cut = cut_hindrance();
    if (options_.loss == LossMode::kCut && !no_cut.empty()) {
        return fail(ErrorCode::kPermission, no_cut + "; --loss kill works without");
    }
    cuts_power_ =
        no_cut.empty() && options_.loss != LossMode::kKill && options_.loss != LossMode::kOff;
    const std::string no_slow = slow_disk_hindrance();
    if (options_.delays_us && !options_.delays_us->empty() && !no_slow.empty()) {
        return fail(ErrorCode::kUnsupported, no_slow);
    }
    constexpr uint64_t kDefaultDelayUs = 1'000;
    if (options_.delays_us) {
        delays_us_ = *options_.delays_us;
    } else if (no_slow.empty()) {
        delays_us_ = {kDefaultDelayUs};
    } else {
        report_.note("no slow disk beside this one: " + no_slow);
    }
    const bool mounts = cuts_power_ || !delays_us_.empty() || (options_.goals && geteuid() == 0);
    if (!mounts) return {};
    const Status own = enter_private_mounts();
    if (own) return {};
    if (options_.loss == LossMode::kCut || options_.delays_us) return own;
    report_.note("no slow disk and no power cuts: " + own.error().what);
    cuts_power_ = false;
    delays_us_.clear();
    return {};
}

void FsyncBench::name_contestants() {
    contestants_.push_back({"ours", options_.ours, options_.ours_arguments});
    for (const std::string& peer : options_.peers) {
        std::string name = peer.substr(peer.rfind('/') + 1);
        for (const Contestant& other : contestants_) {
            if (other.name == name) name += fmt::format("-{}", contestants_.size());
        }
        contestants_.push_back({std::move(name), peer, options_.peer_arguments});
    }
}

Status FsyncBench::check_ports() const {
    for (size_t i = 0; options_.listen_port != 0 && i < contestants_.size(); i++) {
        const size_t port = options_.listen_port + i;
        if (port > UINT16_MAX || !port_is_free(static_cast<uint16_t>(port))) {
            return fail(ErrorCode::kExists,
                        fmt::format("port {} is taken; name another with --listen-port", port));
        }
    }
    return {};
}

// Each is started once, so that what is no server is found before anything is measured.
Status FsyncBench::check_servers() {
    for (const Contestant& contestant : contestants_) {
        if (access(contestant.binary.c_str(), X_OK) != 0) {
            return fail(
                ErrorCode::kNotFound,
                fmt::format("{} is not a program that can be started; {}", contestant.binary,
                            &contestant == contestants_.data()
                                ? "build it or name another with --ours"
                                : "name another with --peer"));
        }
        const std::string version = TM_TRY(version_of(contestant));
        report_.fact(contestant.name, fmt::format("{}, {}", version, contestant.binary));
    }
    return {};
}

Result<std::string> version_in(ServerProcess& server) {
    if (const auto ours = server.info("tidemark_version")) return "Tidemark " + *ours;
    if (const auto valkey = server.info("valkey_version")) return "Valkey " + *valkey;
    if (const auto redis = server.info("redis_version")) return "Redis " + *redis;
    return fail(ErrorCode::kInvalid, server.name() + " answers PING but is no Redis by its INFO");
}

Result<std::string> FsyncBench::version_of(const Contestant& contestant) {
    std::string folder = TM_TRY(scratch_->subfolder("check-" + contestant.name));
    auto server = TM_TRY(
        ServerProcess::start(stage_->setup(contestant, Persistence::kNone, std::move(folder))));
    TM_CHECK(server->wait_ready(stop_, kReadySecondsMax));
    return version_in(*server);
}

Status FsyncBench::check_running() {
    const std::string name =
        fmt::format("the server at {}:{}", options_.running->host, options_.running->port);
    auto server = ServerProcess::attach(name, *options_.running);
    TM_CHECK(server->wait_ready(stop_, 1));
    const std::string version = TM_TRY(version_in(*server));
    const std::string keys = TM_TRY(server->ask({"DBSIZE"}));
    if (keys != "0" && !options_.overwrite) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} holds {} keys; --overwrite writes keys named "
                                "key:000000000000 beside them",
                                name, keys));
    }
    report_.fact("server", fmt::format("{}, running at {}:{}", version, options_.running->host,
                                       options_.running->port));
    return {};
}

std::string FsyncBench::cores_text() const {
    if (!cores_.load) return "one only: nothing is pinned, figures are not comparable";
    if (options_.running) return fmt::format("load on core {}", *cores_.load);
    return fmt::format("servers on core {}, load on core {}", *cores_.server, *cores_.load);
}

void FsyncBench::describe() {
    report_.fact("machine", describe_machine());
    if (!file_system_.empty()) report_.fact("disk", options_.dir + " on " + file_system_);
    report_.fact("cores", cores_text());
    report_.fact("runs", fmt::format("{} of {:g} s each{}", options_.rounds, options_.seconds,
                                     options_.running ? "" : ", servers in turns"));
    constexpr double kBusy = 1.5;
    if (const double load = load_average(); load > kBusy) {
        report_.note(fmt::format(
            "the machine was busy when this began (load average {:.1f}): repeat it on a quiet one",
            load));
    }
    for (const auto& [name, value] : report_.facts()) fmt::print("{:<14} {}\n", name, value);
    fmt::print("\n");
    std::fflush(stdout);
}

// A slow disk is about waiting for it: `always`, with one client and with the usual number.
std::vector<Cell> FsyncBench::slow_cells(uint64_t delay_us) const {
    FsyncOptions options = options_;
    options.clients = {options_.clients.front(), 1};
    options.values = {options_.values.front()};
    options.pipelines = {options_.pipelines.front()};
    options.reads = {options_.reads.front(), 50};
    return plan_cells(options, delay_text(delay_us), Persistence::kAlways);
}

double FsyncBench::seconds_planned() const {
    const size_t count = contestants_.size();
    if (options_.goals) return 0;
    double sum = 4 * options_.probe_seconds;
    for (const Persistence policy : options_.policies) {
        sum += Matrix::seconds_of(options_, count, plan_cells(options_, "", policy).size());
        if (policy != Persistence::kNone && options_.loss != LossMode::kOff) {
            sum += LossTest::seconds_of(policy) * options_.cuts * static_cast<double>(count);
        }
    }
    for (const uint64_t delay_us : delays_us_) {
        sum += 4 * options_.probe_seconds +
               Matrix::seconds_of(options_, count, slow_cells(delay_us).size());
    }
    return sum;
}

void FsyncBench::run_here() {
    progress_->step("the bare disk", 4 * options_.probe_seconds);
    for (DiskFigure& figure :
         probe_disk(scratch_->path(), kThisDisk, options_.probe_seconds, stop_)) {
        report_.add(std::move(figure));
    }
    for (const Persistence policy : options_.policies) {
        if (stop_.raised()) return;
        Matrix matrix(*stage_, options_, contestants_, *progress_, *scratch_, kThisDisk);
        matrix.run(plan_cells(options_, kThisDisk, policy));
    }
}

void FsyncBench::run_running() {
    auto server = ServerProcess::attach("the server", *options_.running);
    const auto ready = server->wait_ready(stop_, 1);
    if (!ready) return report_.failed("the server", ready.error().what);
    Persistence policy = Persistence::kNone;
    if (server->info("aof_enabled").value_or("0") == "1") {
        const auto said = server->ask({"CONFIG", "GET", "appendfsync"});
        policy = !said || *said == "everysec" ? Persistence::kEverysec
                 : *said == "always"          ? Persistence::kAlways
                                              : Persistence::kNo;
    }
    Matrix matrix(*stage_, options_, contestants_, *progress_, *scratch_, "its disk");
    matrix.run_attached(std::move(server), plan_cells(options_, "its disk", policy));
}

void FsyncBench::run_slow(uint64_t delay_us) {
    const std::string disk = delay_text(delay_us);
    auto slow = SlowDisk::create(*scratch_, delay_us);
    if (!slow) return report_.failed(disk, slow.error().what);
    auto place = ScratchFolder::create(slow->path());
    if (!place) return report_.failed(disk, place.error().what);
    progress_->step("the bare disk with " + disk, 4 * options_.probe_seconds);
    for (DiskFigure& figure : probe_disk(place->path(), disk, options_.probe_seconds, stop_)) {
        report_.add(std::move(figure));
    }
    Matrix matrix(*stage_, options_, contestants_, *progress_, *place, disk);
    matrix.run(slow_cells(delay_us));
}

void FsyncBench::run_loss() {
    std::optional<LoopDisk> disk;
    if (cuts_power_) {
        auto made = make_loss_disk(*scratch_);
        if (made) {
            disk.emplace(std::move(*made));
        } else if (options_.loss == LossMode::kCut) {
            return report_.failed("power cuts", made.error().what);
        } else {
            report_.note("no power cuts: " + made.error().what);
        }
    }
    if (!disk) {
        report_.note(
            "the servers were killed with kill -9, not cut off from power: what they had "
            "handed to the kernel survives that, so it does not show what a policy loses "
            "when the machine stops");
    }
    LossTest test(*stage_, disk ? &*disk : nullptr, *progress_);
    for (const Persistence policy : options_.policies) {
        if (policy == Persistence::kNone) continue;  // everything, by definition
        for (const Contestant& contestant : contestants_) {
            if (stop_.raised()) return;
            report_.add(test.run(contestant, policy, options_.cuts));
        }
    }
}

void FsyncBench::run() {
    progress_.emplace(seconds_planned());
    if (options_.running) {
        run_running();
    } else if (options_.goals) {
        Goals(*stage_, options_, contestants_, *progress_).run();
    } else {
        run_here();
        for (const uint64_t delay_us : delays_us_) {
            if (!stop_.raised()) run_slow(delay_us);
        }
        if (options_.loss != LossMode::kOff && !stop_.raised()) run_loss();
        note_seal_cost(report_);
    }
    progress_.reset();
    if (stop_.raised()) report_.failed("the run", "interrupted; this is what there was until then");
}

Status FsyncBench::write_results() {
    report_.print();
    if (!options_.json.empty()) TM_CHECK(report_.write_json(options_.json));
    if (!options_.page.empty()) {
        TM_CHECK(report_.write_page(options_.page, "What durability costs"));
    }
    return {};
}

int fsync_bench(FsyncOptions options) {
    auto stop = StopSignal::open();
    if (!stop) return cannot_begin(stop.error());
    FsyncBench bench(std::move(options), *stop);
    const Status checked = bench.check();
    if (!checked) return cannot_begin(checked.error());
    bench.run();
    const Status written = bench.write_results();
    if (!written) return cannot_begin(written.error());
    return bench.failed() ? kExitFailed : 0;
}

}  // namespace

}  // namespace tidemark::bench

int main(int argc, char** argv) {
    auto parsed = tidemark::bench::parse_fsync_options(argc, argv);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    return tidemark::bench::fsync_bench(std::get<tidemark::bench::FsyncOptions>(std::move(parsed)));
}
