// The log without a disk: what append costs a command, what closing a group costs a turn, and how
// fast a log reads back.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aof/codec/record.h"
#include "aof/codec/scan.h"
#include "aof/log.h"
#include "base/clock.h"
#include "base/log.h"

namespace {

using namespace tidemark;
using namespace tidemark::aof;

// Takes every write and answers every sync at the next turn.
class NullFile final : public io::File {
public:
    explicit NullFile(io::Operation** waiting) : waiting_(waiting) {}
    Result<uint64_t> size() override { return uint64_t{0}; }
    Result<size_t> read_at(char*, size_t, uint64_t) override { return size_t{0}; }
    Status write_at(std::string_view, uint64_t) override { return {}; }
    Status truncate(uint64_t) override { return {}; }
    Status allocate(uint64_t, uint64_t) override { return {}; }
    Status data_sync() override { return {}; }
    void start_data_sync(io::Operation& done) override { *waiting_ = &done; }
    void drop_cached(uint64_t, uint64_t) override {}
    void start_write(std::string_view, uint64_t, io::Operation&) override {}
    bool open_direct() override { return false; }
    void start_direct_write(std::string_view, uint64_t, io::Operation&) override {}

private:
    io::Operation** waiting_;
};

class NullDisk final : public io::Disk {
public:
    Result<std::unique_ptr<io::File>> open(const std::string&, io::OpenMode) override {
        return std::unique_ptr<io::File>(std::make_unique<NullFile>(&waiting));
    }
    Status rename(const std::string&, const std::string&) override { return {}; }
    Status remove(const std::string&) override { return {}; }
    Result<bool> exists(const std::string&) override { return false; }
    Status make_folder(const std::string&) override { return {}; }
    Result<std::vector<std::string>> list(const std::string&) override {
        return std::vector<std::string>();
    }
    Status sync_folder(const std::string&) override { return {}; }
    bool copies_on_write(const std::string&) override { return false; }

    io::Operation* waiting = nullptr;
};

struct NoObserver final : Log::Observer {
    void on_released() override {}
    void on_writable_changed() override {}
};

struct Bench {
    NullDisk disk;
    SystemClock clock;
    Logger logger{clock};
    NoObserver observer;
    std::unique_ptr<Log> log;

    Bench() {
        Folder folder;
        folder.manifest.increments.push_back(our_increment(folder.names, 1));
        folder.increment = *disk.open("", io::OpenMode::kCreate);
        log =
            std::make_unique<Log>(disk, clock, logger, std::move(folder), Log::Options{}, observer);
    }
    void turn() {
        log->end_of_turn();
        if (io::Operation* done = std::exchange(disk.waiting, nullptr)) {
            done->on_complete(*done, {0, 0});
        }
    }
};

// A SET of a 16-byte key and a 64-byte value, framed by the client as the log wants it, or not.
void append(benchmark::State& state) {
    Bench bench;
    const std::string key(16, 'k');
    const std::string value(64, 'v');
    const std::array<std::string_view, 3> args = {"SET", key, value};
    Buffer framed;
    append_record(framed, args);
    const bool canonical = state.range(0) != 0;
    const auto group = state.range(1);
    int64_t in_group = 0;
    for (auto _ : state) {
        bench.log->append({0, args, canonical ? framed.view() : std::string_view()});
        if (++in_group == group) {
            bench.turn();
            in_group = 0;
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append)->ArgNames({"canonical", "group"})->ArgsProduct({{0, 1}, {1, 50, 1000}});

void scan(benchmark::State& state) {
    GroupBuffer groups(0);
    const std::string value(static_cast<size_t>(state.range(0)), 'v');
    const bool sealed = state.range(1) != 0;
    Buffer plain;
    const std::array<std::string_view, 3> args = {"SET", "key:000000001234", value};
    while (groups.end() < 64 * 1024 * 1024) groups.append({0, args, {}});
    groups.close_group(0, 0);
    std::string bytes(groups.segment(0));
    if (!sealed) {
        while (plain.size() < bytes.size()) append_record(plain, args);
        bytes = std::string(plain.view());
    }
    for (auto _ : state) {
        MemorySource source(bytes);
        Scanner scanner(source, 0);
        uint64_t count = 0;
        for (Item item = scanner.next(); item.kind != ItemKind::kEnd; item = scanner.next()) {
            count += item.arg_count;
            scanner.release();
        }
        benchmark::DoNotOptimize(count);
    }
    state.SetBytesProcessed(static_cast<int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(scan)->ArgNames({"value", "sealed"})->ArgsProduct({{1, 64, 1000}, {0, 1}});

}  // namespace

BENCHMARK_MAIN();
