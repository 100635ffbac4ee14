// Builds the fuzzers and lets each mutate dumps, logs and manifests for a minute, at the same time;
// with TIDEMARK_FULL=1 for an hour. Inputs to begin with are made here.
//
// An input that brings one down stays in the build folder, below fuzz/, for
// `build/fuzz/fuzz_rdb build/fuzz/rdb-crash-...`.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "aof/codec/manifest.h"
#include "aof/codec/record.h"
#include "aof/codec/sealed_writer.h"
#include "rdb/codec/encoder.h"
#include "rdb/codec/payload.h"
#include "tests/rdb/samples.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace tidemark {
namespace {

using support::Milliseconds;
using support::Process;
using support::TempFolder;
using support::write_text_file;

const std::string kFolder = TIDEMARK_BUILD_ROOT "/fuzz";
constexpr int kNoFuzzer = 77;  // what tests/fuzz/build says without clang's runtime

// Longer inputs slow the mutations down and find nothing that short ones do not.
constexpr int kMaxInputBytes = 4096;
// Filling and keeping freed memory would take more time than the code under test.
const char* const kAddressOptions = "ASAN_OPTIONS=max_malloc_fill_size=0:quarantine_size_mb=16";
constexpr size_t kShownBytes = 6000;

std::string seeds(const std::string& name) {
    const std::string folder = kFolder + "/" + name + "-corpus";
    std::filesystem::create_directories(folder);
    return folder;
}

// One short dump for each kind of value and family of versions.
void make_dumps() {
    using namespace rdb;
    int number = 0;
    std::vector<Sample> all = samples();
    for (Sample& one : expiring_samples()) all.push_back(std::move(one));
    for (const EncodeOptions& options :
         {EncodeOptions{.version = 6, .loss = LossPolicy::kDrop},
          EncodeOptions{.version = 10, .loss = LossPolicy::kDrop}, EncodeOptions{.version = 13},
          EncodeOptions{.dialect = Dialect::kValkey, .version = 80},
          EncodeOptions{.version = 12, .packing = Packing::kPlain}}) {
        for (const Sample& one : all) {
            StringSink out;
            DumpWriter dump(out, {.dialect = options.dialect,
                                  .version = options.version,
                                  .sealing = number % 2 == 0 ? Sealing::kOff : Sealing::kOn});
            Encoder encoder(dump, options);
            REQUIRE(dump.begin());
            REQUIRE(feed({one}, encoder));
            REQUIRE(dump.finish());
            if (out.bytes().size() > kMaxInputBytes) continue;
            write_text_file(fmt::format("{}/{}", seeds("rdb"), number++), out.bytes());
        }
    }
    CHECK(number > 50);
}

std::string log_bytes(aof::Sealing sealing) {
    std::string bytes;
    aof::SealedWriter writer(sealing, [&](std::string_view more) {
        bytes.append(more);
        return Status();
    });
    const auto add = [&](std::vector<std::string_view> args, aof::TransactionPart part) {
        Buffer record;
        aof::append_record(record, args);
        REQUIRE(writer.add(record.view(), part));
    };
    using Part = aof::TransactionPart;
    REQUIRE(writer.add("#TS:1700000000\r\n"));
    add({"select", "0"}, Part::kNone);
    add({"SET", "key", "value"}, Part::kNone);
    add({"multi"}, Part::kMulti);
    add({"DEL", "a", "b"}, Part::kNone);
    add({"exec"}, Part::kExec);
    REQUIRE(writer.finish());
    return bytes;
}

// Each behind the byte that chooses the fuzzer's options.
void make_logs() {
    const std::string fill = std::string(100, '#') + "\r\n";
    int number = 0;
    for (const aof::Sealing sealing : {aof::Sealing::kPlain, aof::Sealing::kSealed}) {
        const std::string bytes = log_bytes(sealing);
        for (const char options : {'0', '1', '2', '3'}) {
            for (const std::string& text : {bytes, bytes + fill, bytes + fill + bytes}) {
                write_text_file(fmt::format("{}/{}", seeds("log"), number++), options + text);
            }
        }
    }
}

void make_manifests() {
    aof::Manifest manifest;
    manifest.base = {"appendonly.aof.1.base.rdb", 1, {}};
    manifest.history = {{"appendonly.aof.1.incr.aof", 1, {}}};
    manifest.increments = {{"appendonly.aof.2.incr.aof", 2, {{"seals", "1"}}},
                           {"a name \" with \x01 quotes", 3, {{"durable_bytes", "77"}}}};
    write_text_file(seeds("manifest") + "/ours", aof::format_manifest(manifest));
    write_text_file(seeds("manifest") + "/redis",
                    "file appendonly.aof.1.base.rdb seq 1 type b\n"
                    "# a comment\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
}

std::unique_ptr<Process> start_fuzzer(const TempFolder& folder, const std::string& name,
                                      int seconds) {
    return std::make_unique<Process>(
        std::vector<std::string>{
            "env", kAddressOptions, kFolder + "/fuzz_" + name, seeds(name),
            fmt::format("-max_total_time={}", seconds), fmt::format("-max_len={}", kMaxInputBytes),
            "-timeout=20",
            // A declared size must be checked before it is allocated: 4 KiB of LZF give 350 KiB.
            "-malloc_limit_mb=16", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0",
            fmt::format("-artifact_prefix={}/{}-", kFolder, name)},
        folder / name);
}

std::string statistics(const std::string& output) {
    const size_t at = output.find("stat::number_of_executed_units:");
    return at == std::string::npos ? "no statistics"
                                   : output.substr(at, 60).substr(0, output.find('\n', at) - at);
}

}  // namespace

TEST_CASE("fuzz: dumps, logs and manifests stand a minute of mutations each") {
    std::string output;
    const auto built = support::run_program({TIDEMARK_SOURCE_ROOT "/tests/fuzz/build", kFolder},
                                            Milliseconds(900'000), &output);
    if (built.code == kNoFuzzer) {
        MESSAGE(
            "skipped: there is no clang with libFuzzer (packages clang-14, libclang-rt-14-dev)");
        return;
    }
    if (built.code != 0) FAIL("tests/fuzz/build: " << output);
    make_dumps();
    make_logs();
    make_manifests();

    const int seconds = support::full_run() ? 3600 : 60;
    const TempFolder folder;
    const std::vector<std::string> names = {"rdb", "log", "manifest"};
    std::vector<std::unique_ptr<Process>> fuzzers;
    for (const std::string& name : names) fuzzers.push_back(start_fuzzer(folder, name, seconds));
    for (size_t i = 0; i < names.size(); ++i) {
        const auto ended = fuzzers[i]->wait_for(Milliseconds((seconds + 120) * 1000));
        const std::string all = fuzzers[i]->output();
        if (!ended || ended->code != 0) {
            FAIL_CHECK(names[i] << ": "
                                << all.substr(all.size() - std::min(all.size(), kShownBytes)));
        }
        MESSAGE(names[i] << ": " << statistics(all));
    }
}

}  // namespace tidemark
