// What a request costs before any command runs, and what its reply costs: pipelines of 16, as
// redis-benchmark -P 16 sends them.
//
//   parser_bench --benchmark_min_time=0.2
#include <benchmark/benchmark.h>

#include <string>

#include "base/buffer.h"
#include "resp/reply.h"
#include "resp/request_parser.h"

namespace {

using tidemark::Buffer;
using tidemark::resp::Protocol;
using tidemark::resp::Reply;
using tidemark::resp::RequestBatch;
using tidemark::resp::RequestParser;

constexpr int kPipeline = 16;
constexpr std::string_view kKey = "key:000000012345";  // 16 bytes

std::string pipeline_of(std::string_view request) {
    std::string bytes;
    for (int i = 0; i < kPipeline; ++i) bytes.append(request);
    return bytes;
}

std::string get_request() {
    return std::string("*2\r\n$3\r\nGET\r\n$16\r\n").append(kKey).append("\r\n");
}

std::string set_request(size_t value_bytes) {
    return std::string("*3\r\n$3\r\nSET\r\n$16\r\n")
        .append(kKey)
        .append("\r\n$")
        .append(std::to_string(value_bytes))
        .append("\r\n")
        .append(value_bytes, 'x')
        .append("\r\n");
}

void parse_pipeline(benchmark::State& state, const std::string& request) {
    const std::string bytes = pipeline_of(request);
    RequestParser parser;
    RequestBatch batch;
    for (auto _ : state) {
        size_t consumed = 0;
        batch.clear();
        benchmark::DoNotOptimize(parser.parse(bytes, 1024, {}, batch, &consumed));
        benchmark::DoNotOptimize(batch.args.data());
        if (consumed != bytes.size()) state.SkipWithError("not parsed");
    }
    state.SetItemsProcessed(state.iterations() * kPipeline);
}

void BM_ParseGet(benchmark::State& state) {
    parse_pipeline(state, get_request());
}
BENCHMARK(BM_ParseGet);

void BM_ParseSet(benchmark::State& state) {
    parse_pipeline(state, set_request(static_cast<size_t>(state.range(0))));
}
BENCHMARK(BM_ParseSet)->Arg(64)->Arg(1024);

void BM_ParseInlinePing(benchmark::State& state) {
    parse_pipeline(state, "PING\r\n");
}
BENCHMARK(BM_ParseInlinePing);

// A million arguments that arrive 16 KiB at a time.
void BM_ParseMillionArguments(benchmark::State& state) {
    constexpr size_t kArguments = 1'000'000;
    constexpr size_t kPiece = 16 * 1024;
    std::string bytes = std::string("*").append(std::to_string(kArguments)).append("\r\n");
    for (size_t i = 0; i < kArguments; ++i) bytes.append("$1\r\nx\r\n");
    RequestParser parser;
    RequestBatch batch;
    for (auto _ : state) {
        size_t consumed = 0;
        batch.clear();
        for (size_t have = kPiece; consumed == 0; have += kPiece) {
            const std::string_view arrived = std::string_view(bytes).substr(0, have);
            parser.parse(arrived, 1, {}, batch, &consumed);
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kArguments));
}
BENCHMARK(BM_ParseMillionArguments)->Unit(benchmark::kMillisecond);

void BM_ReplyOk(benchmark::State& state) {
    Buffer out;
    Reply reply(out, Protocol::kResp2);
    for (auto _ : state) {
        for (int i = 0; i < kPipeline; ++i) reply.ok();
        benchmark::DoNotOptimize(out.data());
        out.clear();
    }
    state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(BM_ReplyOk);

void BM_ReplyBulk(benchmark::State& state) {
    const std::string value(static_cast<size_t>(state.range(0)), 'x');
    Buffer out;
    Reply reply(out, Protocol::kResp2);
    for (auto _ : state) {
        for (int i = 0; i < kPipeline; ++i) reply.bulk(value);
        benchmark::DoNotOptimize(out.data());
        out.clear();
    }
    state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(BM_ReplyBulk)->Arg(3)->Arg(64)->Arg(1024);

}  // namespace

BENCHMARK_MAIN();
