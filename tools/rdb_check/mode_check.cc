// Mode check: reads a dump to its end and says what is wrong with it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "rdb/codec/reader.h"
#include "tools/rdb_check/modes.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

struct CheckOptions {
    std::string file;
};

class Counter final : public rdb::ValueSink {
public:
    Counter(tools::Progress& progress, const tools::StopFlag& stop)
        : progress_(progress), stop_(stop) {}

    Status progress(uint64_t done, uint64_t) override {
        progress_.update(done);
        return stop_.check();
    }
    Status begin_key(const rdb::KeyRecord&) override { return {}; }

private:
    tools::Progress& progress_;
    const tools::StopFlag& stop_;
};

Result<Exit> run_check(const CheckOptions& options, Session& session) {
    const auto source = TM_TRY(session.open(options.file));
    const auto progress = session.progress("checking", source->size());
    Counter counter(*progress, session.stop());
    const rdb::Summary summary = TM_TRY(rdb::Reader(*source, counter).read());
    TM_CHECK(source->check_unchanged());
    return session.output().verdict(
        Exit::kClean, fmt::format("clean: {} in version {}",
                                  tools::format_count(summary.keys, "key"), summary.version));
}

}  // namespace

tools::Run declare_check(CLI::App& app) {
    auto options = std::make_shared<CheckOptions>();
    app.add_option("file", options->file, "the dump; - for standard input")->required();
    return [options](Session& session) { return run_check(*options, session); };
}

}  // namespace tidemark::rdb_check
