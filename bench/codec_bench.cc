// Dumps without a disk: how fast keys are encoded and framed, and how fast they read back.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/crc64.h"
#include "base/random.h"
#include "rdb/codec/encoder.h"
#include "rdb/codec/reader.h"
#include "rdb/codec/seal_reader.h"

namespace {

using namespace tidemark;
using namespace tidemark::rdb;

constexpr int kKeys = 10'000;

class NullSink final : public ByteSink {
public:
    Status write(std::string_view bytes) override {
        benchmark::DoNotOptimize(bytes.data());
        return {};
    }
};

class CountingSink final : public ValueSink {
public:
    Status begin_key(const KeyRecord& key) override {
        count_ += key.name.size();
        return {};
    }
    Status string(std::string_view text) override {
        count_ += text.size();
        return {};
    }
    Status field_value(std::string_view text, std::optional<int64_t>) override {
        count_ += text.size();
        return {};
    }
    uint64_t count() const { return count_; }

private:
    uint64_t count_ = 0;
};

struct Data {
    std::vector<std::string> names;
    std::vector<std::string> values;  // one a key
};

// `letters`: 4 compress well, 256 do not.
Data make_data(size_t value_bytes, uint64_t letters) {
    Random random(1);
    Data data;
    for (int i = 0; i < kKeys; ++i) {
        data.names.push_back(fmt::format("key:{:012}", i));
        std::string value;
        while (value.size() < value_bytes) value += static_cast<char>(random.below(letters));
        data.values.push_back(std::move(value));
    }
    return data;
}

void encode_strings(const Data& data, ValueSink& to) {
    KeyRecord key;
    for (int i = 0; i < kKeys; ++i) {
        key.name = data.names[static_cast<size_t>(i)];
        (void)to.begin_key(key);
        (void)to.string(data.values[static_cast<size_t>(i)]);
        (void)to.end_key(0);
    }
}

// Ten fields each.
void encode_hashes(const Data& data, ValueSink& to) {
    KeyRecord key;
    for (size_t i = 0; i + 20 <= kKeys; i += 20) {
        key.name = data.names[i];
        (void)to.begin_key(key);
        (void)to.begin_hash(10);
        for (size_t field = 0; field < 20; field += 2) {
            (void)to.field(data.names[i + field]);
            (void)to.field_value(data.values[i + field], std::nullopt);
        }
        (void)to.end_key(0);
    }
}

using Tell = void (*)(const Data&, ValueSink&);

std::string dump_of(Tell tell, const Data& data, Compression compression) {
    StringSink out;
    DumpWriter dump(out, {});
    Encoder encoder(dump, {.compression = compression});
    (void)dump.begin();
    tell(data, encoder);
    (void)dump.finish();
    return out.take();
}

void run_encode(benchmark::State& state, Tell tell, Compression compression) {
    const Data data = make_data(static_cast<size_t>(state.range(0)), 16);
    uint64_t bytes = 0;
    for (auto _ : state) {
        NullSink null;
        DumpWriter dump(null, {});
        Encoder encoder(dump, {.compression = compression});
        (void)dump.begin();
        tell(data, encoder);
        (void)dump.finish();
        bytes += dump.bytes();
    }
    state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void run_read(benchmark::State& state, Tell tell, Compression compression) {
    const std::string bytes =
        dump_of(tell, make_data(static_cast<size_t>(state.range(0)), 16), compression);
    for (auto _ : state) {
        MemoryInput input(bytes);
        CountingSink sink;
        if (!Reader(input, sink).read()) state.SkipWithError("it does not read back");
        benchmark::DoNotOptimize(sink.count());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void BM_encode_strings(benchmark::State& state) {
    run_encode(state, encode_strings, Compression::kNone);
}
void BM_encode_strings_lzf(benchmark::State& state) {
    run_encode(state, encode_strings, Compression::kLzf);
}
void BM_encode_hashes(benchmark::State& state) {
    run_encode(state, encode_hashes, Compression::kNone);
}
void BM_read_strings(benchmark::State& state) {
    run_read(state, encode_strings, Compression::kNone);
}
void BM_read_strings_lzf(benchmark::State& state) {
    run_read(state, encode_strings, Compression::kLzf);
}
void BM_read_hashes(benchmark::State& state) {
    run_read(state, encode_hashes, Compression::kNone);
}

void BM_verify_segments(benchmark::State& state) {
    const std::string bytes = dump_of(encode_strings, make_data(1000, 256), Compression::kNone);
    MemoryInput input(bytes);
    for (auto _ : state) {
        const auto index = read_index(input);
        for (const Segment& segment : *index) {
            if (!verify_segment(input, segment)) state.SkipWithError("it is not what was sealed");
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void BM_crc64_combine(benchmark::State& state) {
    uint64_t crc = 1;
    for (auto _ : state) crc = crc64_combine(crc, 7, 512 * 1024);
    benchmark::DoNotOptimize(crc);
}

BENCHMARK(BM_encode_strings)->Arg(60)->Arg(1000);
BENCHMARK(BM_encode_strings_lzf)->Arg(60)->Arg(1000);
BENCHMARK(BM_encode_hashes)->Arg(30);
BENCHMARK(BM_read_strings)->Arg(60)->Arg(1000);
BENCHMARK(BM_read_strings_lzf)->Arg(60)->Arg(1000);
BENCHMARK(BM_read_hashes)->Arg(30);
BENCHMARK(BM_verify_segments);
BENCHMARK(BM_crc64_combine);

}  // namespace

BENCHMARK_MAIN();
