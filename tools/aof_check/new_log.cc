#include "tools/aof_check/new_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace tidemark::aof_check {

namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBytes = 1024 * 1024;
constexpr int kBackupsMax = 1000;
// What a server of ours locks while it runs, in the folder above its log's.
constexpr std::string_view kLockName = "tidemark.lock";

Error path_error(std::string_view what, const std::string& path) {
    return system_error(errno, fmt::format("{} {}", what, path));
}

bool exists(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0;
}

std::string parent_of(const std::string& path) {
    const fs::path parent = fs::path(path).lexically_normal().parent_path();
    return parent.empty() ? "." : parent.string();
}

Result<std::string> free_backup_name(const std::string& path) {
    for (int i = 0; i < kBackupsMax; ++i) {
        std::string name = i == 0 ? path + ".bak" : fmt::format("{}.bak.{}", path, i);
        if (!exists(name)) return name;
    }
    return fail(ErrorCode::kExists,
                fmt::format("there are {} backups of {} already", kBackupsMax, path));
}

}  // namespace

void copy_owner(const std::string& from, const std::string& to, CopyMode mode) {
    struct stat status {};
    if (stat(from.c_str(), &status) != 0) return;
    [[maybe_unused]] const int owner = chown(to.c_str(), status.st_uid, status.st_gid);
    if (mode == CopyMode::kNo) return;
    [[maybe_unused]] const int changed = chmod(to.c_str(), status.st_mode & 07777);
}

mode_t mode_like(const std::string& from) {
    struct stat status {};
    return stat(from.c_str(), &status) == 0 ? tools::output_mode(status) : tools::kOutputMode;
}

void add_output_options(tools::Options& app, OutputOptions& options) {
    const auto output = app.add("-o,--output", options.path,
                                "where the result goes; must not exist [beside the log]");
    app.add_flag("--in-place", options.in_place,
                 "the result takes the log's place; the old one stays as <name>.bak")
        .excludes(output);
}

Result<std::unique_ptr<NewLog>> NewLog::create(const Chain& chain, const OutputOptions& options,
                                               std::string_view suffix) {
    auto log = std::unique_ptr<NewLog>(new NewLog);
    log->is_folder_ = !chain.is_single_file();
    log->in_place_ = options.in_place;
    log->appendfilename_ = chain.appendfilename;
    const std::string old = log->is_folder_ ? chain.folder : chain.files[0].path;
    if (options.in_place && !log->is_folder_ && chain.files[0].spooled) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} cannot be replaced in place; name a file with --output", old));
    }
    if (old == "-" && options.path.empty())
        return fail(ErrorCode::kInvalid, "standard input has no place beside it: give --output");
    log->target_ = options.in_place       ? old
                   : options.path.empty() ? fmt::format("{}.{}", old, suffix)
                                          : options.path;
    if (!options.in_place && exists(log->target_)) {
        return fail(
            ErrorCode::kExists,
            fmt::format("{} exists already; name another place with --output", log->target_));
    }
    if (options.in_place) TM_CHECK(log->lock_folder(chain));
    if (!log->is_folder_) return log;
    log->old_folder_ = old;
    log->work_folder_ = fmt::format("{}.tmp-{}", log->target_, getpid());
    if (mkdir(log->work_folder_.c_str(), 0755) != 0) {
        const Error error = path_error("cannot create", log->work_folder_);
        log->work_folder_.clear();
        return fail(error);
    }
    copy_owner(old, log->work_folder_, CopyMode::kYes);
    return log;
}

NewLog::~NewLog() {
    file_.reset();
    if (!is_committed_ && !work_folder_.empty()) {
        std::error_code ignored;
        fs::remove_all(work_folder_, ignored);
    }
    if (lock_fd_ >= 0) close(lock_fd_);
}

// A server that is running must not have its log taken away.
Status NewLog::lock_folder(const Chain& chain) {
    const std::string inner = chain.folder;
    const std::string outer = chain.is_single_file() ? inner : parent_of(inner);
    const std::string path = fmt::format("{}/{}", outer, kLockName);
    lock_fd_ = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (lock_fd_ < 0 || flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(ErrorCode::kExists, fmt::format("a server is running on {}: stop it first", outer));
}

Status NewLog::add_file(const std::string& name, const std::string& like,
                        const std::function<Status(const Write&)>& fill) {
    const std::string path = is_folder_ ? fmt::format("{}/{}", work_folder_, name) : target_;
    const auto if_exists =
        !is_folder_ && in_place_ ? tools::IfExists::kKeepBackup : tools::IfExists::kRefuse;
    auto file = TM_TRY(
        tools::OutputFile::create(path, if_exists, tools::kOutputBufferBytes, mode_like(like)));
    TM_CHECK(fill([&](std::string_view bytes) { return file->write(bytes); }));
    if (!is_folder_) {
        file_ = std::move(file);
        return {};
    }
    TM_CHECK(file->commit());
    copy_owner(like, path, CopyMode::kYes);
    return {};
}

Status NewLog::add_manifest(const aof::Manifest& manifest) {
    const std::string name = appendfilename_ + ".manifest";
    return add_file(name, fmt::format("{}/{}", old_folder_, name),
                    [&](const Write& write) { return write(aof::format_manifest(manifest)); });
}

Status NewLog::commit() {
    if (!is_folder_) {
        TM_CHECK(file_->commit());
        backup_ = file_->backup_path();
        is_committed_ = true;
        return {};
    }
    // Its entries were synced file by file. In place, the place is never empty.
    TM_CHECK(put_in_place());
    is_committed_ = true;
    return tools::sync_folder_of(target_);
}

Status NewLog::put_in_place() {
    if (!in_place_) {
        if (renameat2(AT_FDCWD, work_folder_.c_str(), AT_FDCWD, target_.c_str(),
                      RENAME_NOREPLACE) == 0) {
            return {};
        }
        if (errno != EINVAL || exists(target_)) return fail(path_error("cannot create", target_));
        if (rename(work_folder_.c_str(), target_.c_str()) == 0) return {};
        return fail(path_error("cannot create", target_));
    }
    backup_ = TM_TRY(free_backup_name(target_));
    if (renameat2(AT_FDCWD, work_folder_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) ==
        0) {
        is_committed_ = true;  // what is called work_folder_ now is the old log
        if (rename(work_folder_.c_str(), backup_.c_str()) == 0) return {};
        backup_ = work_folder_;
        return {};
    }
    if (errno != EINVAL) return fail(path_error("cannot exchange", target_));
    // A file system without exchange: for a moment the place is empty.
    if (rename(target_.c_str(), backup_.c_str()) != 0)
        return fail(path_error("cannot rename", target_));
    if (rename(work_folder_.c_str(), target_.c_str()) == 0) return {};
    const Error error = path_error("cannot rename to", target_);
    [[maybe_unused]] const int back = rename(backup_.c_str(), target_.c_str());
    return fail(error);
}

Status copy_range(aof::ByteSource& source, uint64_t begin, uint64_t end,
                  const tools::StopFlag& stop, const NewLog::Write& write) {
    std::string window(std::min<uint64_t>(kCopyBytes, end - begin), '\0');
    while (begin < end) {
        TM_CHECK(stop.check());
        const size_t wanted = std::min<uint64_t>(window.size(), end - begin);
        const size_t got = TM_TRY(source.read_at(window.data(), wanted, begin));
        if (got == 0) return fail(ErrorCode::kIo, "the log became shorter while it was read");
        TM_CHECK(write({window.data(), got}));
        begin += got;
    }
    return {};
}

}  // namespace tidemark::aof_check
