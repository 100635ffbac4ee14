// One run of one mode: the options that all modes have, where it speaks, how it opens its input.
#pragma once

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/common/output.h"
#include "tools/common/output_file.h"
#include "tools/common/progress.h"
#include "tools/common/source.h"
#include "tools/common/stop_flag.h"

namespace tidemark::tools {

// Where a tool speaks. Passed in, so that tests run a tool without a process.
struct Console {
    FILE* out;
    FILE* err;
    const StopFlag& stop;
};

struct CommonOptions {
    bool json = false;
    bool quiet = false;
    bool progress = false;
    bool no_progress = false;
    bool force = false;
    bool strict = false;
    bool dump = false;
    bool dump_hex = false;
    std::string temporary_folder;
};

class Session {
public:
    // `schema`: "rdb-check.check/1".
    Session(const Console& console, const CommonOptions& options, std::string_view schema);

    const CommonOptions& options() const { return options_; }
    const StopFlag& stop() const { return console_.stop; }
    const Console& console() const { return console_; }
    // Where a mode puts what does not fit memory.
    std::string spool_folder() const;
    Output& output() { return *output_; }
    // For a mode whose data goes to stdout: findings and verdict go to stderr from now on.
    void speak_on_stderr();
    // For a mode whose findings are a stream. Before the input is opened.
    void stream_json();

    // Opens what the user named and makes it the output's file. Unpacks, with progress.
    Result<std::unique_ptr<Source>> open(const std::string& path);
    // The same for a second input: leaves the output's file alone.
    Result<std::unique_ptr<Source>> open_other(const std::string& path);
    std::unique_ptr<Progress> progress(std::string label, uint64_t total) const;

    // A line, where what is damaged was written to just now.
    void say_if_fresh(const Source& source);

    // Whether what lies at `path` was opened as an input, by whatever name.
    bool is_input(const std::string& path) const;
    // What a mode writes, once its inputs are open: refuses to take the place of one without a
    // backup, and lets nobody read it who could not read them.
    Result<std::unique_ptr<OutputFile>> create_file(const std::string& path, IfExists if_exists,
                                                    size_t buffer_bytes = kOutputBufferBytes) const;
    mode_t output_mode() const;

private:
    Console console_;
    CommonOptions options_;
    std::string schema_;
    std::unique_ptr<Output> output_;
    std::vector<struct stat> inputs_;  // as they were when they were opened
};

}  // namespace tidemark::tools
