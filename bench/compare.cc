// compare: tidemark-server and redis-server side by side on one machine and one disk.
//
// Each server is pinned to one core and the load to another; runs alternate between the two, so
// that whatever the machine does meanwhile hits both; a figure is the median of its rounds. What a
// row measures is in rows_*.cc. Exit status: 0 when every row ran (whether or not it reached its
// target), 1 when one failed or was interrupted, 2 when it could not begin.
#include <fmt/format.h>

#include <cstdio>
#include <variant>

#include "bench/arena.h"
#include "bench/machine.h"
#include "bench/options.h"
#include "bench/rows.h"
#include "bench/stop_signal.h"

namespace tidemark::bench {

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitCannotBegin = 2;

int cannot_begin(const Error& error) {
    fmt::print(stderr, "compare: {}.\n", error.what);
    return kExitCannotBegin;
}

void run_rows(Arena& arena) {
    for (const Row& row : kRows) {
        if (!arena.options().rows.contains(row.number)) continue;
        if (arena.stop().raised()) {
            arena.report().failed(fmt::format("row {}", row.number), "interrupted before it began");
            continue;
        }
        fmt::print(stderr, "row {}: {}\n", row.number, row.title);
        const Status status = row.run(arena, row.number);
        if (!status) arena.report().failed(fmt::format("row {}", row.number), status.error().what);
    }
}

int compare(const Options& options) {
    auto stop = StopSignal::open();
    if (!stop) return cannot_begin(stop.error());
    const auto file_system = file_system_of(options.dir);
    if (!file_system) return cannot_begin(file_system.error());
    const Status disk = check_disk(options.dir, *file_system);
    if (!disk && !options.quick) return cannot_begin(disk.error());
    if (!disk) fmt::print("note: {}.\n", disk.error().what);
    auto scratch = ScratchFolder::create(options.dir);
    if (!scratch) return cannot_begin(scratch.error());
    raise_open_files();
    const Cores cores = choose_cores();
    if (cores.load) {
        const Status pinned = pin_to_core(*cores.load);
        if (!pinned) return cannot_begin(pinned.error());
    }

    const std::string machine = fmt::format("{}, data on {}", describe_machine(), *file_system);
    fmt::print("{}\n", machine);
    fmt::print("ours   {}\nredis  {}\n{}\n\n", options.ours, options.peer,
               cores.load ? fmt::format("servers on core {}, load on core {}, {} rounds of {:g} s",
                                        *cores.server, *cores.load, options.rounds, options.seconds)
                          : "one core only: nothing is pinned, figures are not comparable");
    std::fflush(stdout);
    Report report;
    report.fact("machine", machine);
    constexpr double kBusy = 1.5;  // a run of our own before this one comes to about 1
    if (const double load = load_average(); load > kBusy) {
        report.note(fmt::format(
            "the machine was busy when this began (load average {:.1f}): repeat it on a quiet one",
            load));
    }
    Arena arena(options, cores, *scratch, *stop, report);
    run_rows(arena);
    report.print();
    if (!options.json.empty()) {
        const Status written = report.write_json(options.json);
        if (!written) return cannot_begin(written.error());
    }
    return report.any_failed() ? kExitFailed : 0;
}

}  // namespace

}  // namespace tidemark::bench

int main(int argc, char** argv) {
    const auto parsed = tidemark::bench::parse_options(argc, argv);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    return tidemark::bench::compare(std::get<tidemark::bench::Options>(parsed));
}
