// The keyspace through its door, without sockets or log: what a lookup and a SET cost, with the
// prefetches that the loop does for a pipeline and without, at sizes that fit the caches or not.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/txn.h"

namespace {

using namespace tidemark;
using namespace tidemark::engine;

constexpr size_t kBatch = 64;

// 16-byte names: "key:" and 12 digits.
std::string_view name_of(uint64_t number, std::array<char, 17>& space) {
    std::snprintf(space.data(), space.size(), "key:%012u", static_cast<unsigned>(number));
    return {space.data(), 16};
}

struct Filled {
    Filled(size_t keys, size_t value_bytes) : value(value_bytes, 'v') {
        std::array<char, 17> space;
        for (size_t i = 0; i < keys; ++i) {
            const std::string_view name = name_of(i, space);
            set({name, keyspace->hash(name)});
        }
    }
    void set(Key key) {
        WriteTxn txn(*keyspace, 0);
        txn.set_string(key, value, Expiry::none());
        txn.commit(command, {});
    }

    std::string value;
    std::vector<std::string_view> command{"SET"};
    std::unique_ptr<Keyspace> keyspace = std::make_unique<Keyspace>(Keyspace::Options{1, 42});
};

// Names to ask for, made ahead so that printing them is not measured.
struct Names {
    Names(uint64_t first, uint64_t count, uint64_t seed) {
        Random random(seed);
        names.resize(1U << 20);
        for (auto& name : names) name_of(first + random.below(count), name);
    }
    std::string_view operator[](size_t i) const {
        return {names[i & (names.size() - 1)].data(), 16};
    }
    std::vector<std::array<char, 17>> names;
};

// One filled keyspace at a time: 8M keys are 700 MB.
Filled& filled(size_t keys) {
    static std::unique_ptr<Filled> kept;
    static size_t kept_keys = 0;
    if (kept_keys != keys) {
        kept.reset();
        kept = std::make_unique<Filled>(keys, 64);
        kept_keys = keys;
    }
    return *kept;
}

void find_hit(benchmark::State& state) {
    Filled& world = filled(static_cast<size_t>(state.range(0)));
    const Names names(0, static_cast<uint64_t>(state.range(0)), 1);
    size_t i = 0;
    for (auto _ : state) {
        const ReadTxn txn(*world.keyspace, 0);
        benchmark::DoNotOptimize(txn.find(txn.key(names[i++])));
    }
}

void find_miss(benchmark::State& state) {
    const auto keys = static_cast<uint64_t>(state.range(0));
    Filled& world = filled(keys);
    const Names names(keys, keys, 2);
    size_t i = 0;
    for (auto _ : state) {
        const ReadTxn txn(*world.keyspace, 0);
        benchmark::DoNotOptimize(txn.find(txn.key(names[i++])));
    }
}

// As the loop does for a pipeline: all buckets, then all entries, then the commands.
template <class Command>
void in_batches(benchmark::State& state, Filled& world, const Names& names, Command&& command) {
    std::array<Key, kBatch> keys;
    size_t i = 0;
    for (auto _ : state) {
        for (Key& key : keys) {
            const std::string_view name = names[i++];
            key = {name, world.keyspace->hash(name)};
            world.keyspace->prefetch_bucket(0, key.hash);
        }
        for (const Key& key : keys) world.keyspace->prefetch_entry(0, key.hash);
        for (const Key& key : keys) command(key);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}

void find_hit_prefetched(benchmark::State& state) {
    Filled& world = filled(static_cast<size_t>(state.range(0)));
    const Names names(0, static_cast<uint64_t>(state.range(0)), 3);
    in_batches(state, world, names, [&](const Key& key) {
        const ReadTxn txn(*world.keyspace, 0);
        const auto text = txn.find_string(key);
        benchmark::DoNotOptimize((*text)->text().back());
    });
}

void find_miss_prefetched(benchmark::State& state) {
    const auto keys = static_cast<uint64_t>(state.range(0));
    Filled& world = filled(keys);
    const Names names(keys, keys, 4);
    in_batches(state, world, names, [&](const Key& key) {
        const ReadTxn txn(*world.keyspace, 0);
        benchmark::DoNotOptimize(txn.find(key));
    });
}

void set_again_prefetched(benchmark::State& state) {
    Filled& world = filled(static_cast<size_t>(state.range(0)));
    const Names names(0, static_cast<uint64_t>(state.range(0)), 5);
    in_batches(state, world, names, [&](const Key& key) {
        WriteTxn txn(*world.keyspace, 0);
        txn.set_string(key, world.value, Expiry::none());
        txn.commit(world.command, {});
    });
}

// Names that do not come in order and cost little to make: an odd multiplier permutes the numbers.
std::string_view scattered_name(uint64_t number, std::array<char, 17>& space) {
    const uint64_t scattered = number * 0x5851'f42d'4c95'7f2d & 0xffff'ffff'ffff;
    for (unsigned digit = 0; digit < 12; ++digit) {
        space[4 + digit] = static_cast<char>('a' + (scattered >> (digit * 4) & 15));
    }
    std::copy_n("key:", 4, space.begin());
    return {space.data(), 16};
}

// Loading: new keys only, in batches as the replay of a log has them.
void set_fresh(benchmark::State& state) {
    const auto total = static_cast<uint64_t>(state.range(0));
    std::array<std::array<char, 17>, kBatch> spaces;
    std::array<Key, kBatch> keys;
    for (auto _ : state) {
        state.PauseTiming();
        auto world = std::make_unique<Filled>(0, static_cast<size_t>(state.range(1)));
        state.ResumeTiming();
        for (uint64_t i = 0; i < total; i += kBatch) {
            for (size_t j = 0; j < kBatch; ++j) {
                const std::string_view name = scattered_name(i + j, spaces[j]);
                keys[j] = {name, world->keyspace->hash(name)};
                world->keyspace->prefetch_bucket(0, keys[j].hash);
            }
            for (const Key& key : keys) world->keyspace->prefetch_entry(0, key.hash);
            for (const Key& key : keys) world->set(key);
        }
        state.PauseTiming();
        world.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(set_fresh)
    ->ArgNames({"keys", "bytes"})
    ->Args({1'000'000, 32})
    ->Args({5'000'000, 100})
    ->Args({8'000'000, 32})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK(find_hit)->Arg(1'000'000);
BENCHMARK(find_miss)->Arg(1'000'000);
BENCHMARK(find_hit_prefetched)->Arg(1'000'000);
BENCHMARK(find_miss_prefetched)->Arg(1'000'000);
BENCHMARK(set_again_prefetched)->Arg(1'000'000);
BENCHMARK(find_hit)->Arg(8'000'000);
BENCHMARK(find_miss)->Arg(8'000'000);
BENCHMARK(find_hit_prefetched)->Arg(8'000'000);
BENCHMARK(find_miss_prefetched)->Arg(8'000'000);
BENCHMARK(set_again_prefetched)->Arg(8'000'000);

}  // namespace

BENCHMARK_MAIN();
