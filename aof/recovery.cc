// What a folder holds decides what is done with it (kFolderCases); how each file ends decides what
// becomes of its end (kEndingCases). Both are tables, so that a new case is a new row with its
// reason.
//
// Order, for a crash in the middle of a recovery: nothing is cut before a copy of it is durable,
// nothing new is named before it is durable, and every step done twice does what it did once.
#include "aof/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aof/orphans.h"
#include "aof/replay_file.h"
#include "base/assert.h"
#include "base/shell_word.h"

namespace tidemark::aof {

namespace {

// --- the folder

enum class FolderAction : uint8_t { kCreate, kAdopt, kLoad, kRefuse };

struct FolderCase {
    bool manifest;
    bool log_data;  // files with the log's names and at least one byte
    bool old_file;  // `<dir>/<appendfilename>`, from before Redis 7
    FolderAction action;
};

constexpr std::array kFolderCases = {
    // A first start; also one that was interrupted before its manifest was durable. Nothing was
    // acknowledged then, and what it left is empty.
    FolderCase{false, false, false, FolderAction::kCreate},
    // A single file from before Redis 7, and no folder beside it.
    FolderCase{false, false, true, FolderAction::kAdopt},
    // Somebody's data without the list that says how to read it. Starting empty here is how data
    // gets lost for good.
    FolderCase{false, true, false, FolderAction::kRefuse},
    // The same, and in addition an older file: which of the two counts is not ours to guess.
    FolderCase{false, true, true, FolderAction::kRefuse},
    // The ordinary start. A manifest over empty or missing files is judged file by file.
    FolderCase{true, false, false, FolderAction::kLoad},
    FolderCase{true, true, false, FolderAction::kLoad},
    // An adoption that was interrupted before the file moved; load() looks. Otherwise the old file
    // is a stranger that the manifest does not name.
    FolderCase{true, false, true, FolderAction::kLoad},
    FolderCase{true, true, true, FolderAction::kLoad},
};

// --- the end of a file

enum class EndAction : uint8_t { kKeep, kCut, kCutAside, kRefuse };

struct EndingCase {
    Ending ending;
    EndAction last;     // in the last file of the manifest
    EndAction earlier;  // in any other
};

constexpr std::array kEndingCases = {
    EndingCase{Ending::kClean, EndAction::kKeep, EndAction::kKeep},
    // The window of a server that was killed. In an earlier file it is only room (a failed file
    // that could not be cut); in the last one the next group goes where it begins.
    EndingCase{Ending::kFill, EndAction::kCut, EndAction::kKeep},
    // A stock redis-server went on with our folder. Its records stand; ours continue elsewhere.
    EndingCase{Ending::kForeign, EndAction::kKeep, EndAction::kKeep},
    // Written, never synced, never acknowledged: what a power cut does. An earlier file was synced
    // before the manifest named its successor, so there it cannot be that.
    EndingCase{Ending::kTorn, EndAction::kCutAside, EndAction::kRefuse},
    // Redis's rules, for what Redis wrote: aof-load-truncated decides in the last file; in an
    // earlier one the records behind the hole would be replayed without those in it.
    EndingCase{Ending::kTruncated, EndAction::kCutAside, EndAction::kRefuse},
    EndingCase{Ending::kOpenMulti, EndAction::kCutAside, EndAction::kRefuse},
    // A later seal vouches for bytes that are gone. Cutting here would drop acknowledged writes.
    EndingCase{Ending::kDamaged, EndAction::kRefuse, EndAction::kRefuse},
    // replay_file() makes an error of it.
    EndingCase{Ending::kMalformed, EndAction::kRefuse, EndAction::kRefuse},
};

EndAction action_for(Ending ending, bool is_last) {
    for (const EndingCase& row : kEndingCases) {
        if (row.ending == ending) return is_last ? row.last : row.earlier;
    }
    return EndAction::kRefuse;
}

// --- one recovery

enum class Role : uint8_t { kBase, kIncrement };

struct LogFile {
    const ManifestEntry* entry;
    std::string path;
    std::unique_ptr<io::File> file;
    uint64_t size = 0;        // on disk
    uint64_t counts = 0;      // of it, by durable_bytes
    bool ends_early = false;  // counts < size by the manifest's word
    bool is_base = false;
};

class Recovery {
public:
    Recovery(io::Disk& disk, Logger& logger, const RecoveryOptions& options, ReplayTarget& target,
             RecoveryReport& report)
        : disk_(disk),
          logger_(logger),
          options_(options),
          names_(options.names),
          context_{target, report},
          report_(report) {}

    Result<Folder> run() {
        switch (TM_TRY(look_at_folder())) {
            case FolderAction::kCreate:
                TM_CHECK(create());
                break;
            case FolderAction::kAdopt:
                TM_CHECK(adopt());
                break;
            case FolderAction::kLoad:
                break;
            case FolderAction::kRefuse:
                return fail(ErrorCode::kCorrupt,
                            fmt::format("{} holds log files but no manifest ({}). Nothing was "
                                        "changed. To rebuild it: aof-check rebuild-manifest {}",
                                        names_.folder(), names_.manifest_name(),
                                        shell_word(names_.folder())));
        }
        return load();
    }

private:
    Result<FolderAction> look_at_folder() {
        const bool manifest = TM_TRY(disk_.exists(names_.manifest_path()));
        const bool log_data = TM_TRY(has_log_data());
        const bool old_file = TM_TRY(disk_.exists(old_path()));
        for (const FolderCase& row : kFolderCases) {
            if (row.manifest == manifest && row.log_data == log_data && row.old_file == old_file) {
                return row.action;
            }
        }
        return FolderAction::kRefuse;
    }

    Result<bool> has_log_data() {
        if (!TM_TRY(disk_.exists(names_.folder()))) return false;
        for (const std::string& name : TM_TRY(disk_.list(names_.folder()))) {
            if (!is_log_file_name(name, names_.appendfilename) && name != names_.appendfilename) {
                continue;
            }
            auto file = TM_TRY(disk_.open(names_.path_of(name), io::OpenMode::kRead));
            if (TM_TRY(file->size()) > 0) return true;
        }
        return false;
    }

    std::string old_path() const { return names_.dir + "/" + names_.appendfilename; }

    // Files first, then the manifest that names them, then the folder itself.
    Status create() {
        TM_CHECK(disk_.make_folder(names_.folder()));
        Manifest manifest;
        manifest.base.emplace();
        manifest.base->file = base_name(names_.appendfilename, 1);
        manifest.base->seq = 1;
        manifest.increments.push_back(our_increment(names_, 1));
        TM_CHECK(create_empty(manifest.base->file));
        TM_CHECK(create_empty(manifest.increments[0].file));
        TM_CHECK(persist_manifest(disk_, names_, manifest));
        TM_CHECK(disk_.sync_folder(names_.dir));
        logger_.notice("Created {}", names_.folder());
        return {};
    }

    Status create_empty(const std::string& name) {
        auto file = TM_TRY(disk_.open(names_.path_of(name), io::OpenMode::kTruncate));
        return file->data_sync();
    }

    // As Redis 7 does it, so that either can finish what the other began: the manifest names the
    // old file as base, then the file moves into the folder.
    Status adopt() {
        TM_CHECK(disk_.make_folder(names_.folder()));
        TM_CHECK(disk_.sync_folder(names_.dir));
        Manifest manifest;
        manifest.base.emplace();
        manifest.base->file = names_.appendfilename;
        manifest.base->seq = 1;
        TM_CHECK(persist_manifest(disk_, names_, manifest));
        return move_old_file();
    }

    // Redis syncs neither folder here; a power cut can then leave the file in none of them.
    Status move_old_file() {
        TM_CHECK(disk_.rename(old_path(), names_.path_of(names_.appendfilename)));
        TM_CHECK(disk_.sync_folder(names_.folder()));
        TM_CHECK(disk_.sync_folder(names_.dir));
        logger_.notice("Adopted {} as base in {}", old_path(), names_.folder());
        return {};
    }

    Status resume_adoption() {
        const bool old_base_only = manifest_.base && manifest_.increments.empty() &&
                                   manifest_.base->file == names_.appendfilename;
        if (!old_base_only) return {};
        if (TM_TRY(disk_.exists(names_.path_of(names_.appendfilename)))) return {};
        if (!TM_TRY(disk_.exists(old_path()))) return {};
        return move_old_file();
    }

    Result<Folder> load() {
        TM_CHECK(read_manifest());
        TM_CHECK(resume_adoption());
        TM_CHECK(open_files());
        bool can_append = false;
        for (size_t i = 0; i < files_.size(); ++i) {
            const bool is_last = i + 1 == files_.size();
            const Ending ending = TM_TRY(replay(files_[i], is_last));
            can_append = ending != Ending::kForeign;
        }
        TM_CHECK(park_orphans(disk_, logger_, names_, manifest_));
        TM_CHECK(disk_.sync_folder(names_.folder()));
        can_append =
            can_append && !manifest_.increments.empty() && is_whole_and_ours(files_.back());
        return can_append ? take_last_increment() : open_next_increment();
    }

    static bool is_whole_and_ours(const LogFile& file) {
        return !file.is_base && file.entry->find(kSealsKey).has_value() && !file.ends_early;
    }

    Status read_manifest() {
        auto file = TM_TRY(disk_.open(names_.manifest_path(), io::OpenMode::kRead));
        const uint64_t size = TM_TRY(file->size());
        if (size > kManifestBytesMax) {
            return fail(ErrorCode::kLimit,
                        names_.manifest_path() + " is too long to be a manifest");
        }
        std::string text(size, '\0');
        text.resize(TM_TRY(file->read_at(text.data(), size, 0)));
        auto manifest = parse_manifest(text, names_.manifest_name());
        if (!manifest) {
            return fail(
                manifest.error().code,
                fmt::format(
                    "{}: {}. Nothing was changed. To repair it: aof-check fix --in-place {}",
                    names_.manifest_path(), manifest.error().what,
                    shell_word(names_.manifest_path())));
        }
        manifest_ = std::move(*manifest);
        return {};
    }

    Status open_files() {
        if (manifest_.base) TM_CHECK(open_file(*manifest_.base, Role::kBase));
        for (const ManifestEntry& entry : manifest_.increments)
            TM_CHECK(open_file(entry, Role::kIncrement));
        return {};
    }

    Status open_file(const ManifestEntry& entry, Role role) {
        LogFile file;
        file.entry = &entry;
        file.is_base = role == Role::kBase;
        file.path = names_.path_of(entry.file);
        auto opened = disk_.open(file.path, io::OpenMode::kReadWrite);
        if (!opened && opened.error().code == ErrorCode::kNotFound) {
            std::string what =
                fmt::format("{} is named by the manifest but is not there", file.path);
            return file.is_base ? refuse_base(what) : refuse(what, 0);
        }
        file.file = TM_TRY(std::move(opened));
        file.size = file.counts = TM_TRY(file.file->size());
        if (const auto text = entry.find(kDurableBytesKey)) {
            const auto durable = parse_count(*text);
            if (!durable || *durable > file.size) {
                return refuse(fmt::format("{} has {} bytes, the manifest says that {} are durable",
                                          file.path, file.size, *text),
                              file.size);
            }
            file.counts = *durable;
            file.ends_early = true;
        }
        context_.bytes_total += file.counts;
        files_.push_back(std::move(file));
        return {};
    }

    static std::optional<uint64_t> parse_count(std::string_view text) {
        uint64_t value = 0;
        if (text.empty() || text.size() > 18) return std::nullopt;
        for (char c : text) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<uint64_t>(c - '0');
        }
        return value;
    }

    Result<Ending> replay(LogFile& file, bool is_last) {
        ReplayFile input{*file.file, file.path, file.counts};
        input.seals_promised = file.entry->find(kSealsKey).has_value();
        input.start = TM_TRY(load_preamble(file));
        auto result = replay_file(input, context_);
        if (!result) {
            if (result.error().code != ErrorCode::kCorrupt) return fail(std::move(result).error());
            return refuse(std::move(result.error().what), result.error().offset);
        }
        FileEnding& end = *result;
        // The manifest's word for these bytes is as good as a seal's.
        const bool falls_short = file.ends_early && end.keep < file.counts;
        if (falls_short) end.ending = Ending::kDamaged;
        TM_CHECK(finish_file(file, end, is_last));
        if (is_last && input.seals_promised)
            TM_CHECK(write_again(*file.file, end.known_durable, file.size));
        // Also after a mere kill: what was read came from the page cache, and nobody may depend on
        // it before it is on the disk.
        TM_CHECK(file.file->data_sync());
        context_.bytes_before += file.counts;
        return end.ending;
    }

    Result<uint64_t> load_preamble(LogFile& file) {
        std::array<char, 6> begin{};
        const size_t got = TM_TRY(file.file->read_at(begin.data(), begin.size(), 0));
        const std::string_view magic(begin.data(), got);
        if (!magic.starts_with("REDIS") && magic != "VALKEY") {
            // Redis names it so when it is one. An empty one would pass for a log without commands.
            if (file.is_base && file.path.ends_with(".rdb"))
                return refuse_base(fmt::format("{} does not begin as an RDB file", file.path));
            return uint64_t{0};
        }
        TM_CHECK(context_.target.on_progress(context_.bytes_before, context_.bytes_total));
        uint64_t end = 0;
        if (auto loaded = context_.target.load_rdb(*file.file, &end); !loaded) {
            Error error = std::move(loaded).error();
            error.what = fmt::format("{}: {}", file.path, error.what);
            const bool is_damaged =
                error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kTruncated;
            if (is_damaged) return refuse_dump(error.what);
            return fail(std::move(error));
        }
        return end;
    }

    Status finish_file(LogFile& file, const FileEnding& end, bool is_last) {
        EndAction action = action_for(end.ending, is_last);
        if (action == EndAction::kCutAside && !options_.load_truncated) action = EndAction::kRefuse;
        switch (action) {
            case EndAction::kKeep:
                return {};
            case EndAction::kCut:
                return cut(file, end.keep);
            case EndAction::kCutAside:
                TM_CHECK(keep_aside(file, end));
                return cut(file, end.keep);
            case EndAction::kRefuse:
                break;
        }
        const std::string_view why = is_last ? "" : " and is not the last file of the log";
        return refuse(fmt::format("{} is damaged at offset {}: {}{}", file.path, end.problem_at,
                                  end.what, why),
                      end.problem_at);
    }

    Status cut(LogFile& file, uint64_t keep) {
        TM_CHECK(file.file->truncate(keep));
        file.size = file.counts = keep;
        return {};
    }

    // Copies what will be cut, durably. Fill at its end says nothing and is left out.
    Status keep_aside(LogFile& file, const FileEnding& end) {
        const uint64_t tail_end = TM_TRY(end_without_fill(file, end.keep));
        const std::string path = fmt::format("{}.tail-{}", file.path, end.keep);
        auto copy = TM_TRY(disk_.open(path, io::OpenMode::kTruncate));
        std::string window(kCopyBytes, '\0');
        for (uint64_t at = end.keep; at < tail_end;) {
            const size_t wanted = std::min<uint64_t>(kCopyBytes, tail_end - at);
            const size_t got = TM_TRY(file.file->read_at(window.data(), wanted, at));
            if (got == 0) break;
            TM_CHECK(copy->write_at({window.data(), got}, at - end.keep));
            at += got;
        }
        TM_CHECK(copy->data_sync());
        TM_CHECK(disk_.sync_folder(names_.folder()));
        report_.cut_bytes += tail_end - end.keep;
        logger_.warning(
            "{}: {} bytes behind offset {} were never acknowledged ({}); cut off and "
            "kept in {}",
            file.path, tail_end - end.keep, end.keep, end.what, path);
        return {};
    }

    Result<uint64_t> end_without_fill(LogFile& file, uint64_t keep) {
        uint64_t end = file.size;
        std::string window(kCopyBytes, '\0');
        while (end > keep) {
            const size_t wanted = std::min<uint64_t>(kCopyBytes, end - keep);
            const size_t got = TM_TRY(file.file->read_at(window.data(), wanted, end - wanted));
            if (got < wanted) break;
            const std::string_view bytes(window.data(), got);
            const size_t last = bytes.find_last_not_of("#\r\n");
            const size_t fill = bytes.find('#', last == std::string_view::npos ? 0 : last);
            if (last != std::string_view::npos) {
                return fill == std::string_view::npos ? end : end - wanted + fill;
            }
            end -= wanted;
        }
        return end;
    }

    tl::unexpected<Error> refuse(std::string what, uint64_t offset) const {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("{}. To look at it and repair it: aof-check fix --in-place {}",
                                what, shell_word(names_.manifest_path())),
                    offset);
    }

    tl::unexpected<Error> refuse_dump(const std::string& what) const {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("{}. Put it back from a backup; or, to keep what can be read of "
                                "it, and what comes behind it: aof-check salvage --in-place {}",
                                what, shell_word(names_.manifest_path())),
                    0);
    }

    // Everything else builds on the base; what can be kept without it is not the data of old.
    tl::unexpected<Error> refuse_base(const std::string& what) const {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("{}. Put it back from a backup; or, to keep what the increments "
                                "hold: aof-check salvage --in-place {}",
                                what, shell_word(names_.manifest_path())),
                    0);
    }

    Result<Folder> take_last_increment() {
        LogFile last = std::move(files_.back());
        files_.pop_back();
        return folder(std::move(last.file), last.size);
    }

    // Our groups never follow bytes that we did not write.
    Result<Folder> open_next_increment() {
        const ManifestEntry entry = our_increment(names_, manifest_.next_increment_seq());
        auto file = TM_TRY(disk_.open(names_.path_of(entry.file), io::OpenMode::kTruncate));
        TM_CHECK(file->data_sync());
        Manifest manifest = manifest_;
        manifest.increments.push_back(entry);
        TM_CHECK(persist_manifest(disk_, names_, manifest));
        manifest_ = std::move(manifest);
        return folder(std::move(file), 0);
    }

    Folder folder(std::unique_ptr<io::File> increment, uint64_t size) {
        Folder result;
        result.names = names_;
        result.increment = std::move(increment);
        result.increment_size = size;
        for (const LogFile& file : files_) {
            result.older_bytes += file.counts;
            if (file.is_base) result.base_bytes = file.counts;
        }
        result.manifest = std::move(manifest_);
        return result;
    }

    static constexpr size_t kCopyBytes = 256 * 1024;

    io::Disk& disk_;
    Logger& logger_;
    const RecoveryOptions& options_;
    const FolderNames& names_;
    ReplayContext context_;
    RecoveryReport& report_;
    Manifest manifest_;
    std::vector<LogFile> files_;
};

}  // namespace

Result<Folder> recover(io::Disk& disk, Logger& logger, const RecoveryOptions& options,
                       ReplayTarget& target, RecoveryReport& report) {
    return Recovery(disk, logger, options, target, report).run();
}

}  // namespace tidemark::aof
