#include "tools/common/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/number.h"
#include "tools/common/decompress.h"
#include "tools/common/dump_payload.h"
#include "tools/common/log_base.h"
#include "tools/common/spool.h"

namespace tidemark::tools {

namespace {

constexpr size_t kChunkBytes = 1024 * 1024;
constexpr uint64_t kPayloadBytesMax = 512 * 1024 * 1024;
// A file changed this recently may be one that somebody is writing; it is looked at twice.
constexpr int64_t kFreshNs = 500'000'000;
constexpr useconds_t kLookAgainUs = 20'000;

int64_t ns_of(const timespec& time) {
    return int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec;
}

class OwnedFd {
public:
    explicit OwnedFd(int fd) : fd_(fd) {}
    OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    OwnedFd& operator=(OwnedFd&&) = delete;
    ~OwnedFd() {
        if (fd_ > STDIN_FILENO) close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

class FileSource final : public Source {
public:
    FileSource(OwnedFd fd, const std::string& path, const struct stat& status, Growing growing)
        : fd_(std::move(fd)), status_(status), growing_(growing) {
        name_ = path;
        posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    }

    uint64_t size() const override { return static_cast<uint64_t>(status_.st_size); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        if (offset >= size()) return size_t{0};
        const size_t wanted = std::min<uint64_t>(length, size() - offset);
        return read_whole(fd_.get(), to, wanted, offset, name_);
    }
    Status check_unchanged() override {
        if (growing_ == Growing::kReadWhatIsThere) return {};
        struct stat now {};
        if (fstat(fd_.get(), &now) != 0) return fail(system_error(errno, name_));
        if (now.st_size == status_.st_size && ns_of(now.st_mtim) == ns_of(status_.st_mtim))
            return {};
        return fail(ErrorCode::kIo, fmt::format("{} is being written to; wait until that is over, "
                                                "or give --force to read what is there",
                                                name_));
    }
    std::string replaceable_path() const override { return name_; }

private:
    OwnedFd fd_;
    struct stat status_;
    Growing growing_;
};

class SpoolSource final : public Source {
public:
    SpoolSource(Spool spool, std::string name, std::string origin, std::optional<Error> error)
        : spool_(std::move(spool)) {
        name_ = std::move(name);
        origin_ = std::move(origin);
        unpack_error_ = std::move(error);
    }
    uint64_t size() const override { return spool_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return spool_.read_at(to, length, offset);
    }

private:
    Spool spool_;
};

class TextSource final : public Source {
public:
    TextSource(std::string bytes, std::string name, std::string origin)
        : bytes_(std::move(bytes)), input_(bytes_) {
        name_ = std::move(name);
        origin_ = std::move(origin);
    }
    uint64_t size() const override { return input_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return input_.read_at(to, length, offset);
    }

private:
    std::string bytes_;
    rdb::MemoryInput input_;
};

// [begin, begin + size) of another.
class SliceSource final : public Source {
public:
    SliceSource(std::unique_ptr<Source> whole, uint64_t begin, uint64_t size, std::string origin)
        : whole_(std::move(whole)), begin_(begin), size_(size) {
        name_ = whole_->name();
        origin_ = std::move(origin);
        base_offset_ = begin;
        unpack_error_ = whole_->unpack_error();
    }
    uint64_t size() const override { return size_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        if (offset >= size_) return size_t{0};
        return whole_->read_at(to, std::min<uint64_t>(length, size_ - offset), begin_ + offset);
    }
    Status check_unchanged() override { return whole_->check_unchanged(); }

private:
    std::unique_ptr<Source> whole_;
    uint64_t begin_;
    uint64_t size_;
};

// The bytes of a descriptor, chunk by chunk.
class FdReader {
public:
    FdReader(int fd, std::string name, const SourceOptions& options)
        : fd_(fd), name_(std::move(name)), options_(options), chunk_(kChunkBytes) {}

    Result<std::string_view> next() {
        if (options_.stop != nullptr) TM_CHECK(options_.stop->check());
        if (options_.on_spooled) options_.on_spooled(done_);
        std::string_view bytes = std::exchange(ahead_, {});
        if (bytes.empty()) bytes = TM_TRY(read_some(0));
        done_ += bytes.size();
        return bytes;
    }
    // The first bytes, which next() gives again; fewer than asked for at the end only.
    Result<std::string_view> peek(size_t length) {
        while (ahead_.size() < length) {
            const std::string_view more = TM_TRY(read_some(ahead_.size()));
            if (more.empty()) break;
            ahead_ = {chunk_.data(), ahead_.size() + more.size()};
        }
        return ahead_;
    }

private:
    // Waits for bytes or for the flag: both signals are blocked, so no read ends because of them.
    // A FIFO that nobody has opened for writing yet has none; reading it would say that it ended.
    Status wait() {
        const int stop = options_.stop == nullptr ? -1 : options_.stop->fd();
        std::array<pollfd, 2> waits{pollfd{fd_, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
        while (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
        }
        return options_.stop == nullptr ? Status{} : options_.stop->check();
    }

    Result<std::string_view> read_some(size_t at) {
        TM_CHECK(wait());
        while (true) {
            const ssize_t n = read(fd_, chunk_.data() + at, chunk_.size() - at);
            if (n >= 0) return std::string_view(chunk_.data() + at, static_cast<size_t>(n));
            if (errno != EINTR)
                return fail(system_error(errno, fmt::format("cannot read {}", name_)));
        }
    }

    int fd_;
    std::string name_;
    const SourceOptions& options_;
    std::vector<char> chunk_;
    std::string_view ahead_;
    uint64_t done_ = 0;
};

bool is_about_the_bytes(const Error& error) {
    return error.code == ErrorCode::kTruncated || error.code == ErrorCode::kCorrupt;
}

Result<std::unique_ptr<Source>> spool(FdReader& reader, Packing packing, std::string name,
                                      const SourceOptions& options) {
    const std::string folder =
        options.spool_folder.empty() ? default_spool_folder() : options.spool_folder;
    Spool spool = TM_TRY(Spool::create(folder));
    const Status status = decompress(
        packing, [&] { return reader.next(); }, spool);
    std::optional<Error> error;
    if (!status) {
        if (!is_about_the_bytes(status.error())) return fail(status.error());
        error = status.error();
    }
    std::string origin =
        packing == Packing::kNone ? "" : fmt::format("unpacked from {}", name_of(packing));
    return std::make_unique<SpoolSource>(std::move(spool), std::move(name), std::move(origin),
                                         std::move(error));
}

Status refuse_growing(int fd, const std::string& path, const struct stat& status) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (ns_of(now) - ns_of(status.st_mtim) > kFreshNs) return {};
    usleep(kLookAgainUs);
    struct stat again {};
    if (fstat(fd, &again) != 0) return fail(system_error(errno, path));
    if (again.st_size == status.st_size) return {};
    return fail(ErrorCode::kIo, fmt::format("{} is growing; wait until it is written, or give "
                                            "--force to read what is there",
                                            path));
}

Result<std::unique_ptr<Source>> open_path(std::string path, const SourceOptions& options) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        path = TM_TRY(find_log_base(path));
    }
    // A FIFO without a writer is waited for where the stop flag is watched, not in here.
    OwnedFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) return fail(system_error(errno, fmt::format("cannot open {}", path)));
    fcntl(fd.get(), F_SETFL, 0);
    if (fstat(fd.get(), &status) != 0) return fail(system_error(errno, path));
    if (S_ISDIR(status.st_mode)) {
        return fail(ErrorCode::kInvalid, fmt::format("{} is a folder; name a file", path));
    }
    if (!S_ISREG(status.st_mode)) {
        FdReader reader(fd.get(), path, options);
        const Packing packing = detect_packing(TM_TRY(reader.peek(kPackingMagicBytes)));
        return spool(reader, packing, path, options);
    }
    if (options.growing == Growing::kRefuse) {
        TM_CHECK(refuse_growing(fd.get(), path, status));
    }
    std::array<char, kPackingMagicBytes> magic{};
    const size_t n = TM_TRY(read_whole(fd.get(), magic.data(), magic.size(), 0, path));
    const Packing packing = detect_packing({magic.data(), n});
    if (packing == Packing::kNone) {
        return std::make_unique<FileSource>(std::move(fd), path, status, options.growing);
    }
    FdReader reader(fd.get(), path, options);
    return spool(reader, packing, path, options);
}

Result<std::unique_ptr<Source>> open_stdin(const SourceOptions& options) {
    const std::string name = "standard input";
    FdReader reader(STDIN_FILENO, name, options);
    const Packing packing = detect_packing(TM_TRY(reader.peek(kPackingMagicBytes)));
    return spool(reader, packing, name, options);
}

// --- a replica's capture of a full sync:
//   [\n...] [+FULLRESYNC id offset\r\n] [\n...] $<bytes>\r\n rdb          a sync from a file
//                                               $EOF:<40 bytes>\r\n rdb <40 bytes>    from a fork

constexpr size_t kMarkBytes = 40;
constexpr std::string_view kMarkPrefix = "$EOF:";
constexpr size_t kCaptureHeadMax = 4096;

// Offset of the first `mark` from `begin` on, or the size.
Result<uint64_t> find_mark(Source& source, std::string_view mark, uint64_t begin) {
    std::vector<char> window(kChunkBytes);
    while (true) {
        const size_t n = TM_TRY(source.read_at(window.data(), window.size(), begin));
        const size_t at = std::string_view(window.data(), n).find(mark);
        if (at != std::string_view::npos) return begin + at;
        if (n < window.size()) return source.size();
        begin += n - mark.size();
    }
}

Result<std::unique_ptr<Source>> cut_capture(std::unique_ptr<Source> source) {
    std::string head(kCaptureHeadMax, '\0');
    head.resize(TM_TRY(source->read_at(head.data(), head.size(), 0)));
    size_t at = 0;
    while (at < head.size() && (head[at] == '\n' || head[at] == '+')) {
        const size_t line_end = head.find('\n', at);
        if (line_end == std::string::npos) return source;
        at = line_end + 1;
    }
    const size_t end = head.find("\r\n", at);
    if (at >= head.size() || head[at] != '$' || end == std::string::npos) return source;
    const std::string_view line = std::string_view(head).substr(at, end - at);
    const uint64_t begin = end + 2;
    if (line.size() == kMarkPrefix.size() + kMarkBytes && line.starts_with(kMarkPrefix)) {
        const std::string_view mark = line.substr(kMarkPrefix.size());
        const uint64_t mark_at = TM_TRY(find_mark(*source, mark, begin));
        return std::make_unique<SliceSource>(std::move(source), begin, mark_at - begin,
                                             "cut out of a replica's capture");
    }
    const std::optional<uint64_t> bytes = parse_uint64(line.substr(1));
    if (!bytes) return source;
    const uint64_t there = source->size() - begin;
    return std::make_unique<SliceSource>(std::move(source), begin, std::min(*bytes, there),
                                         "cut out of a replica's capture");
}

Result<std::unique_ptr<Source>> wrap_payload(Source& source, Payload payload) {
    if (source.size() > kPayloadBytesMax) {
        return fail(ErrorCode::kLimit,
                    fmt::format("{} is too large for a DUMP payload", source.name()));
    }
    std::string bytes(source.size(), '\0');
    bytes.resize(TM_TRY(source.read_at(bytes.data(), bytes.size(), 0)));
    if (payload == Payload::kHex) bytes = TM_TRY(payload_of_text(bytes));
    return std::make_unique<TextSource>(TM_TRY(dump_of_payload(bytes)), source.name(),
                                        "wrapped from a DUMP payload");
}

Status refuse_packed(Source& source) {
    std::array<char, kForeignMagicBytes> head{};
    const size_t n = TM_TRY(source.read_at(head.data(), head.size(), 0));
    const std::string_view packing = packing_still_there({head.data(), n});
    if (packing.empty()) return {};
    return fail(
        ErrorCode::kCorrupt,
        source.origin().empty()
            ? fmt::format("it is packed with {}; unpack it first", packing)
            : fmt::format("{}, it is packed with {}; unpack it first", source.origin(), packing));
}

}  // namespace

Result<std::unique_ptr<Source>> open_source(const std::string& path, const SourceOptions& options) {
    std::unique_ptr<Source> source =
        TM_TRY(path == "-" ? open_stdin(options) : open_path(path, options));
    if (options.payload != Payload::kNone) return wrap_payload(*source, options.payload);
    TM_CHECK(refuse_packed(*source));
    return cut_capture(std::move(source));
}

}  // namespace tidemark::tools
