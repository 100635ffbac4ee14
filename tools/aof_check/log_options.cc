#include "tools/aof_check/log_options.h"

#include <algorithm>
#include <thread>

namespace tidemark::aof_check {

Judge LogOptions::judge() const {
    Judge judge(databases);
    for (const std::string& one : accepted) judge.accept(one);
    return judge;
}

Result<Chain> LogOptions::chain(tools::Session& session) const {
    Chain chain = TM_TRY(find_chain(path, name));
    if (chain.is_single_file())
        keep_spooled(chain, TM_TRY(session.open_other(chain.files[0].path)));
    return chain;
}

unsigned LogOptions::thread_count() const {
    if (jobs != 0) return jobs;
    return std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
}

void add_log_options(tools::Options& app, LogOptions& options) {
    app.add("log", options.path,
            "a data folder, the log's folder, its manifest, or one log file; - for "
            "standard input")
        .required();
    const std::string group = "The log";
    app.add("--name", options.name, "the appendfilename, where a folder holds several logs")
        .group(group);
    app.add("--databases", options.databases,
            "the server's setting: a SELECT past it is damage [16]")
        .group(group)
        .between(1, 1'000'000'000);
    app.add("--accept", options.accepted,
            "a command of a module that the log may hold; can be given again")
        .group(group);
}

void add_jobs_option(tools::Options& app, LogOptions& options) {
    app.add("-j,--jobs", options.jobs, "threads [one a core]").between(1, 256);
}

}  // namespace tidemark::aof_check
