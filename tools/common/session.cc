#include "tools/common/session.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "rdb/codec/format.h"
#include "tools/common/spool.h"

namespace tidemark::tools {

namespace {

// A server writes a dump without such pauses.
constexpr time_t kFreshSeconds = 10;

Format format_of(const CommonOptions& options) {
    if (options.quiet) return Format::kQuiet;
    return options.json ? Format::kJson : Format::kText;
}

uint64_t file_bytes(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

}  // namespace

Session::Session(const Console& console, const CommonOptions& options, std::string_view schema)
    : console_(console),
      options_(options),
      schema_(schema),
      output_(std::make_unique<Output>(console.out, format_of(options), schema)) {}

std::string Session::spool_folder() const {
    return options_.temporary_folder.empty() ? default_spool_folder() : options_.temporary_folder;
}

void Session::speak_on_stderr() {
    output_ = std::make_unique<Output>(console_.err, format_of(options_), schema_);
}

void Session::stream_json() {
    if (options_.quiet) return;
    output_ = std::make_unique<Output>(console_.out, Format::kNdjson, schema_);
}

Result<std::unique_ptr<Source>> Session::open(const std::string& path) {
    output_->set_file(path);
    auto source = TM_TRY(open_other(path));
    output_->set_file(source->name());
    return source;
}

Result<std::unique_ptr<Source>> Session::open_other(const std::string& path) {
    const auto shown = progress("unpacking", file_bytes(path));
    SourceOptions options;
    if (options_.dump) options.payload = Payload::kBinary;
    if (options_.dump_hex) options.payload = Payload::kHex;
    if (options_.force) options.growing = Growing::kReadWhatIsThere;
    options.spool_folder = options_.temporary_folder;
    options.stop = &console_.stop;
    options.on_spooled = [&](uint64_t done) { shown->update(done); };
    auto source = TM_TRY(open_source(path, options));
    // Of what is too short to be anything, only this is to be said.
    if (source->unpack_error() && source->size() < rdb::kHeadBytes)
        return fail(*source->unpack_error());
    struct stat input {};
    const bool is_known =
        path == "-" ? fstat(STDIN_FILENO, &input) == 0 : stat(source->name().c_str(), &input) == 0;
    if (is_known) inputs_.push_back(input);
    return source;
}

void Session::say_if_fresh(const Source& source) {
    struct stat status {};
    if (stat(source.name().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    const time_t age_s = time(nullptr) - status.st_mtime;
    if (age_s >= 0 && age_s < kFreshSeconds)
        output_->line("hint: it was written to just now; it may not be whole yet");
}

bool Session::is_input(const std::string& path) const {
    struct stat output {};
    if (stat(path.c_str(), &output) != 0) return false;
    return std::any_of(inputs_.begin(), inputs_.end(), [&](const struct stat& input) {
        return input.st_dev == output.st_dev && input.st_ino == output.st_ino;
    });
}

Result<std::unique_ptr<OutputFile>> Session::create_file(const std::string& path,
                                                         IfExists if_exists,
                                                         size_t buffer_bytes) const {
    if (if_exists != IfExists::kKeepBackup && is_input(path)) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} is an input itself; name another file to write", path));
    }
    return OutputFile::create(path, if_exists, buffer_bytes, output_mode());
}

mode_t Session::output_mode() const {
    mode_t mode = kOutputMode;
    for (const struct stat& input : inputs_) mode &= tools::output_mode(input);
    return mode;
}

std::unique_ptr<Progress> Session::progress(std::string label, uint64_t total) const {
    ShowProgress show = ShowProgress::kOnTerminal;
    if (options_.progress) show = ShowProgress::kAlways;
    if (options_.no_progress || options_.quiet) show = ShowProgress::kNever;
    return std::make_unique<Progress>(console_.err, show, std::move(label), total);
}

}  // namespace tidemark::tools
