// Mode tail: follows a log that a server is writing, read-only, and shows its records: what MONITOR
// shows of writes, but from the disk and across increments.
//
// What is not whole yet (a group being written, the room written ahead) is waited for, and looked
// at again from its beginning. A file that a rewrite deletes stays open until it is read to its
// end.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>

#include "aof/codec/log_walk.h"
#include "base/ascii.h"
#include "base/number.h"
#include "tools/aof_check/file_check.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/modes.h"
#include "tools/common/json.h"
#include "tools/common/print.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

constexpr int kLookEveryMs = 100;
constexpr size_t kShownBytes = 128;  // of an argument

struct TailOptions {
    LogOptions log;
    uint64_t records = 10;
    bool from_start = false;
    double seconds = 0;
    bool follow = true;  // what it does anyway
};

// Keeps a file readable when it is deleted.
class HeldFile {
public:
    HeldFile() = default;
    HeldFile(const HeldFile&) = delete;
    HeldFile& operator=(const HeldFile&) = delete;
    ~HeldFile() { drop(); }

    Status hold(const std::string& path) {
        drop();
        fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd_ < 0) return fail(system_error(errno, fmt::format("cannot open {}", path)));
        return {};
    }
    // Leads to it, whatever has become of its name.
    std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

private:
    void drop() {
        if (fd_ >= 0) close(fd_);
        fd_ = -1;
    }

    int fd_ = -1;
};

class Tail {
public:
    Tail(const TailOptions& options, Session& session) : options_(options), session_(session) {}

    Result<Exit> run() {
        chain_ = TM_TRY(find_chain(options_.log.path, options_.log.name));
        if (chain_.is_single_file()) keep_spooled(chain_, TM_TRY(open_path(chain_.files[0].path)));
        TM_CHECK(chain_.require_manifest());
        if (chain_.files.empty()) return fail(ErrorCode::kNotFound, "the log has no files");
        TM_CHECK(move_to(options_.from_start ? 0 : chain_.files.size() - 1));
        if (!options_.from_start) TM_CHECK(go_to_end());
        const auto end = std::chrono::steady_clock::now() +
                         std::chrono::milliseconds(static_cast<int64_t>(options_.seconds * 1000));
        while (true) {
            const Status status = read_on();
            FILE* const out = session_.console().out;
            fflush(out);
            if (ferror(out) != 0) return fail(system_error(errno, "cannot show a record"));
            // That is how one ends it.
            if (session_.stop().raised()) break;
            if (!status) return fail(status.error());
            if (options_.seconds > 0 && std::chrono::steady_clock::now() >= end) break;
            if (chain_.files[file_].spooled) break;  // nothing can follow
            wait();
        }
        // In JSON each line is a record.
        if (session_.options().json) return unreadable_at_ ? Exit::kDamaged : Exit::kClean;
        if (unreadable_at_) {
            return session_.output().verdict(
                Exit::kDamaged,
                fmt::format("{} shown; {} cannot be read from byte {} on",
                            tools::format_count(shown_, "record"),
                            tools::escape(chain_.files[file_].name), *unreadable_at_));
        }
        return session_.output().verdict(
            Exit::kClean,
            fmt::format("{} shown, up to byte {} of {}", tools::format_count(shown_, "record"),
                        offset_, tools::escape(chain_.files[file_].name)));
    }

private:
    Result<std::unique_ptr<tools::Source>> open_path(const std::string& path) const {
        tools::SourceOptions how;
        how.growing = tools::Growing::kReadWhatIsThere;
        how.spool_folder = session_.spool_folder();
        how.stop = &session_.stop();
        return tools::open_source(path, how);
    }

    Result<std::unique_ptr<LogBytes>> open_current() const {
        const ChainFile& file = chain_.files[file_];
        if (file.spooled) return std::make_unique<LogBytes>(file.spooled);
        return std::make_unique<LogBytes>(
            TM_TRY(open_path(chain_.is_single_file() ? file.path : held_.path())));
    }

    Status move_to(size_t file) {
        file_ = file;
        offset_ = show_from_ = 0;
        db_ = 0;
        return chain_.is_single_file() ? Status() : held_.hold(chain_.files[file_].path);
    }

    // To the last records of the last file.
    Status go_to_end() {
        std::deque<uint64_t> last;
        const auto bytes = TM_TRY(open_current());
        const uint64_t start = TM_TRY(read_preamble_end(*bytes));
        offset_ = start;
        aof::Scanner scanner(*bytes, offset_, bytes->size(), aof::Hold::kBounded);
        for (uint64_t items = 0;; ++items) {
            if (items % tools::kItemsBetweenLooks == 0) TM_CHECK(session_.stop().check());
            const aof::Item item = scanner.next();
            if (item.kind == aof::ItemKind::kEnd || item.kind == aof::ItemKind::kProblem ||
                item.kind == aof::ItemKind::kFill) {
                break;
            }
            if (item.kind == aof::ItemKind::kRecord) {
                note_db(scanner.args_of(item));
                last.push_back(item.offset);
                if (last.size() > options_.records) last.pop_front();
            }
            scanner.release();
            if (scanner.offset() >= scanner.sealed_until()) offset_ = scanner.offset();
        }
        show_from_ = last.empty() ? offset_ : last.front();
        // Read again from the beginning, for the database that the first of them is for.
        if (!last.empty()) {
            offset_ = start;
            db_ = 0;
        }
        return {};
    }

    Result<uint64_t> read_preamble_end(LogBytes& bytes) const {
        const Preamble preamble = TM_TRY(read_preamble(bytes.source(), session_.stop(), {}));
        return preamble.damage ? bytes.size() : preamble.end;
    }

    // Shows what has come, through as many files as there are.
    Status read_on() {
        while (true) {
            TM_CHECK(read_file());
            if (chain_.is_single_file()) return {};
            auto newer = find_chain(chain_.manifest_path, {});
            if (!newer || !newer->problems.empty()) return {};
            const auto next = next_file(*newer);
            if (!next) return {};
            // The manifest names the next file only when this one is written to its end.
            TM_CHECK(read_file());
            chain_ = std::move(*newer);
            TM_CHECK(move_to(*next));
        }
    }

    // The one behind the current file.
    std::optional<size_t> next_file(const Chain& newer) const {
        const ChainFile& current = chain_.files[file_];
        const auto begin = newer.files.begin();
        const auto end = newer.files.end();
        const auto here = std::find_if(
            begin, end, [&](const ChainFile& one) { return one.name == current.name; });
        // A rewrite has replaced it, and what was before it.
        const auto next = here != end ? here + 1 : std::find_if(begin, end, [&](const auto& one) {
            return one.role == Role::kIncrement &&
                   (current.role == Role::kBase || one.seq > current.seq);
        });
        if (next == end) return std::nullopt;
        return static_cast<size_t>(next - begin);
    }

    Status read_file() {
        const auto bytes = TM_TRY(open_current());
        unreadable_at_.reset();
        if (offset_ == 0) offset_ = TM_TRY(read_preamble_end(*bytes));
        // A start has cut off a transaction that never ended.
        if (offset_ > bytes->size()) offset_ = show_from_ = bytes->size();
        aof::Scanner scanner(*bytes, offset_, bytes->size(), aof::Hold::kBounded);
        for (uint64_t items = 0;; ++items) {
            if (items % tools::kItemsBetweenLooks == 0) TM_CHECK(session_.stop().check());
            const aof::Item item = scanner.next();
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            if (item.problem == aof::Problem::kMalformed) unreadable_at_ = item.offset;
            if (item.kind == aof::ItemKind::kEnd || item.kind == aof::ItemKind::kProblem ||
                item.kind == aof::ItemKind::kFill) {
                return {};
            }
            if (item.kind == aof::ItemKind::kTimestamp) time_ = item.timestamp;
            if (item.kind == aof::ItemKind::kRecord && item.offset >= show_from_) {
                show(item, scanner.args_of(item));
            }
            if (item.kind == aof::ItemKind::kRecord) note_db(scanner.args_of(item));
            scanner.release();
            if (scanner.offset() >= scanner.sealed_until()) offset_ = scanner.offset();
            show_from_ = std::max(show_from_, scanner.offset());
        }
    }

    void note_db(std::span<const std::string_view> args) {
        if (args.size() == 2 && same_word(args[0], "select"))
            db_ = parse_uint64(args[1]).value_or(db_);
    }

    void show(const aof::Item& item, std::span<const std::string_view> args) {
        FILE* out = session_.console().out;
        ++shown_;
        if (session_.options().quiet) return;
        if (session_.options().json) {
            rapidjson::StringBuffer text;
            tools::JsonText json(text);
            json.StartObject();
            tools::json_bytes(json, "file", chain_.files[file_].name);
            json.Key("offset");
            json.Uint64(item.offset);
            json.Key("db");
            json.Uint64(db_);
            if (time_) {
                json.Key("time");
                json.Int64(*time_);
            }
            json.Key("args");
            json.StartArray();
            for (std::string_view arg : args) tools::json_string(json, tools::escape(arg));
            json.EndArray();
            json.Key("args_total");
            json.Uint64(item.args_total);
            json.EndObject();
            tools::print(out, "{}\n", text.GetString());
            return;
        }
        std::string line = fmt::format("{}:{} [{}]", chain_.files[file_].name, item.offset, db_);
        for (std::string_view arg : args)
            line += fmt::format(" \"{}\"", tools::escape_short(arg, kShownBytes));
        if (item.args_total > args.size())
            line += fmt::format(" ... {} arguments", item.args_total);
        tools::print(out, "{}\n", line);
    }

    void wait() const {
        pollfd stop{session_.stop().fd(), POLLIN, 0};
        poll(&stop, stop.fd >= 0 ? 1 : 0, kLookEveryMs);
    }

    const TailOptions& options_;
    Session& session_;
    Chain chain_;
    HeldFile held_;
    size_t file_ = 0;
    uint64_t offset_ = 0;     // reading goes on here: a seal, or a record without one
    uint64_t show_from_ = 0;  // what was shown lies before it
    uint64_t db_ = 0;
    std::optional<int64_t> time_;
    uint64_t shown_ = 0;
    std::optional<uint64_t> unreadable_at_;  // what waiting will not make a record
};

}  // namespace

tools::Run declare_tail(tools::Options& app) {
    auto options = std::make_shared<TailOptions>();
    add_log_options(app, options->log);
    const auto records = app.add("-n,--records", options->records,
                                 "show so many of the last file's records first [10]");
    app.add_flag("--from-start", options->from_start, "show the whole log first").excludes(records);
    app.add_flag("-f,--follow", options->follow, "follow the log, which is what it does anyway");
    app.add("--for", options->seconds, "end after so many seconds [when interrupted]")
        .within(0.0, 1e9);
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Tail(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
