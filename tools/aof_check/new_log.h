// A log that is written anew: beside the old one, or in its place with the old one kept.
//
//   a folder       <folder>.tmp-<pid>/ is filled, synced and renamed to <folder>.<suffix>, or
//                  exchanged with <folder>, which then is called <folder>.bak
//   a single file  the same with files
//
// Until commit() the old log is not touched and nothing stands under a final name. What is not
// committed is removed.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aof/codec/manifest.h"
#include "aof/codec/scan.h"
#include "base/result.h"
#include "tools/aof_check/chain.h"
#include "tools/common/options.h"
#include "tools/common/output_file.h"
#include "tools/common/stop_flag.h"

namespace tidemark::aof_check {

struct OutputOptions {
    std::string path;       // --output; empty: beside the log
    bool in_place = false;  // --in-place
};

void add_output_options(tools::Options& app, OutputOptions& options);

// For what is made of `from`: nobody reads it who cannot read that.
mode_t mode_like(const std::string& from);

class NewLog {
public:
    using Write = std::function<Status(std::string_view)>;

    // `suffix` names the place beside the old log: "fixed".
    static Result<std::unique_ptr<NewLog>> create(const Chain& chain, const OutputOptions& options,
                                                  std::string_view suffix);
    ~NewLog();
    NewLog(const NewLog&) = delete;
    NewLog& operator=(const NewLog&) = delete;

    // One file of it: `fill` writes its bytes. `like`: the file whose owner and mode it gets.
    Status add_file(const std::string& name, const std::string& like,
                    const std::function<Status(const Write&)>& fill);
    // Last, and only in a folder.
    Status add_manifest(const aof::Manifest& manifest);
    Status commit();

    const std::string& path() const { return target_; }
    const std::string& backup_path() const { return backup_; }

private:
    NewLog() = default;
    Status lock_folder(const Chain& chain);
    Status put_in_place();

    bool is_folder_ = false;
    bool in_place_ = false;
    bool is_committed_ = false;
    std::string appendfilename_;
    std::string old_folder_;
    std::string work_folder_;  // of a folder
    std::string target_;
    std::string backup_;
    std::unique_ptr<tools::OutputFile> file_;  // of a single file
    int lock_fd_ = -1;
};

// The server that owned the old one must be able to write the new one. Only root can give a file
// away; for others the mode has to do.
enum class CopyMode : uint8_t { kYes, kNo };
void copy_owner(const std::string& from, const std::string& to, CopyMode mode);

// Bytes [begin, end) of a source, a window at a time.
Status copy_range(aof::ByteSource& source, uint64_t begin, uint64_t end,
                  const tools::StopFlag& stop, const NewLog::Write& write);

}  // namespace tidemark::aof_check
