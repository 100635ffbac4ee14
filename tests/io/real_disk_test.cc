#include "io/real_disk.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "tests/io/temp_folder.h"

using namespace tidemark;
using io::OpenMode;
using io::RealDisk;
using io::TempFolder;

namespace {

std::unique_ptr<io::File> open_file(io::Disk& disk, const std::string& path, OpenMode mode) {
    auto file = disk.open(path, mode);
    REQUIRE(file.has_value());
    return std::move(*file);
}

void write_file(io::Disk& disk, const std::string& path, std::string_view text) {
    REQUIRE(open_file(disk, path, OpenMode::kTruncate)->write_at(text, 0).has_value());
}

std::string contents(io::Disk& disk, const std::string& path) {
    const auto text = io::read_file(disk, path, 1 << 20);
    REQUIRE(text.has_value());
    return *text;
}

struct Waiter {
    Waiter() { op.bind<Waiter, &Waiter::on_done>(this); }
    void on_done(io::Completion completion) { result = completion.result; }
    io::Operation op;
    int32_t result = 1;
};

}  // namespace

TEST_CASE("io/disk: what is written at an offset is read back from there") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const auto file = open_file(disk, folder.path("f"), OpenMode::kCreateNew);
    REQUIRE(file->write_at("hello world", 0).has_value());
    REQUIRE(file->write_at("W", 6).has_value());
    std::array<char, 32> got{};
    CHECK(*file->read_at(got.data(), 5, 6) == 5);
    CHECK(std::string_view(got.data(), 5) == "World");
    CHECK(*file->read_at(got.data(), got.size(), 6) == 5);
    CHECK(*file->read_at(got.data(), got.size(), 100) == 0);
    CHECK(*file->size() == 11);
    REQUIRE(file->truncate(5).has_value());
    REQUIRE(file->data_sync().has_value());
    CHECK(contents(disk, folder.path("f")) == "hello");
}

TEST_CASE("io/disk: each open mode does what it says") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const std::string path = folder.path("f");
    CHECK(disk.open(path, OpenMode::kRead).error().code == ErrorCode::kNotFound);
    CHECK(disk.open(path, OpenMode::kReadWrite).error().code == ErrorCode::kNotFound);
    write_file(disk, path, "abc");
    CHECK(disk.open(path, OpenMode::kCreateNew).error().code == ErrorCode::kExists);
    open_file(disk, path, OpenMode::kCreate);
    CHECK(contents(disk, path) == "abc");
    CHECK_FALSE(open_file(disk, path, OpenMode::kRead)->write_at("x", 0).has_value());
    open_file(disk, path, OpenMode::kTruncate);
    CHECK(contents(disk, path).empty());
}

TEST_CASE("io/disk: every error names the path") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const std::string missing = folder.path("missing/f");
    const auto names = [&missing](const Error& error) {
        return error.what.find(missing) != std::string::npos && error.sys_errno == ENOENT;
    };
    CHECK(names(disk.open(missing, OpenMode::kCreate).error()));
    CHECK(names(disk.rename(missing, folder.path("x")).error()));
    CHECK(names(disk.remove(missing).error()));
    CHECK(names(disk.make_folder(missing).error()));
    CHECK(names(disk.list(missing).error()));
    CHECK(names(disk.sync_folder(missing).error()));
    CHECK(names(io::read_file(disk, missing, 10).error()));
    const std::string path = folder.path("f");
    write_file(disk, path, "abc");
    const auto refused = open_file(disk, path, OpenMode::kRead)->write_at("x", 7);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find(path) != std::string::npos);
    CHECK(refused.error().offset == 7);
}

TEST_CASE("io/disk: a folder is not a file, and a file is not a folder") {
    TempFolder folder;
    RealDisk disk(nullptr);
    CHECK(disk.open(folder.path(), OpenMode::kReadWrite).error().sys_errno == EISDIR);
    CHECK(disk.open(folder.path(), OpenMode::kTruncate).error().sys_errno == EISDIR);
    const auto read = io::read_file(disk, folder.path(), 1 << 20);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().sys_errno == EISDIR);
    CHECK(read.error().what.find(folder.path()) != std::string::npos);
    write_file(disk, folder.path("f"), "");
    CHECK(disk.make_folder(folder.path("f")).error().sys_errno == ENOTDIR);
    CHECK(disk.list(folder.path("f")).error().sys_errno == ENOTDIR);
}

TEST_CASE("io/disk: folders are made once or twice, listed and synced") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const std::string inner = folder.path("inner");
    REQUIRE(disk.make_folder(inner).has_value());
    REQUIRE(disk.make_folder(inner).has_value());
    CHECK(disk.list(inner)->empty());
    write_file(disk, inner + "/b", "");
    write_file(disk, inner + "/a", "");
    CHECK(*disk.list(inner) == std::vector<std::string>{"a", "b"});
    REQUIRE(disk.rename(inner + "/a", inner + "/c").has_value());
    REQUIRE(disk.remove(inner + "/b").has_value());
    CHECK(*disk.list(inner) == std::vector<std::string>{"c"});
    CHECK(disk.sync_folder(inner).has_value());
    CHECK(*disk.exists(inner + "/c"));
    CHECK_FALSE(*disk.exists(inner + "/a"));
    CHECK_FALSE(*disk.exists(inner + "/c/d"));
}

TEST_CASE("io/disk: allocating keeps the size") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const auto file = open_file(disk, folder.path("f"), OpenMode::kCreate);
    const Status reserved = file->allocate(0, 1 << 20);
    if (!reserved) {
        CHECK(reserved.error().code == ErrorCode::kUnsupported);
        return;
    }
    CHECK(*file->size() == 0);
    struct stat status {};
    REQUIRE(::stat(folder.path("f").c_str(), &status) == 0);
    CHECK(status.st_blocks * 512 >= 1 << 20);
}

TEST_CASE("io/disk: a file past the limit is refused before it is read") {
    TempFolder folder;
    RealDisk disk(nullptr);
    write_file(disk, folder.path("f"), "0123456789");
    CHECK(*io::read_file(disk, folder.path("f"), 10) == "0123456789");
    CHECK(io::read_file(disk, folder.path("f"), 9).error().code == ErrorCode::kLimit);
    // A terabyte of hole: reading it first would not survive.
    REQUIRE(open_file(disk, folder.path("f"), OpenMode::kReadWrite)->truncate(1ULL << 40));
    CHECK(io::read_file(disk, folder.path("f"), 1 << 20).error().code == ErrorCode::kLimit);
}

TEST_CASE("io/disk: a full disk is told apart from a broken one") {
    RealDisk disk(nullptr);
    const auto full = disk.open("/dev/full", OpenMode::kReadWrite);
    if (!full) return;  // a container without it
    CHECK((*full)->write_at("x", 0).error().code == ErrorCode::kNoSpace);
}

TEST_CASE("io/disk: writes and syncs that do not wait complete in the loop") {
    TempFolder folder;
    auto ring = io::Ring::create({});
    REQUIRE(ring.has_value());
    RealDisk disk(ring->get());
    const auto file = open_file(disk, folder.path("f"), OpenMode::kCreate);
    Waiter write;
    file->start_write("abc", 2, write.op);
    while (write.op.in_flight) (*ring)->turn(io::Ring::Wait::kForCompletion);
    CHECK(write.result == 3);
    Waiter sync;
    file->start_data_sync(sync.op);
    while (sync.op.in_flight) (*ring)->turn(io::Ring::Wait::kForCompletion);
    CHECK(sync.result == 0);
    CHECK(contents(disk, folder.path("f")) == std::string("\0\0abc", 5));
}

TEST_CASE("io/disk: a direct write shows in the file, and one that is no whole block is refused") {
    TempFolder folder;
    auto ring = io::Ring::create({});
    REQUIRE(ring.has_value());
    RealDisk disk(ring->get());
    const size_t block = io::kDirectBlockBytes;
    write_file(disk, folder.path("f"), std::string(3 * block, 'a'));
    const auto file = open_file(disk, folder.path("f"), OpenMode::kReadWrite);
    REQUIRE(file->data_sync().has_value());
    if (!file->open_direct()) {
        MESSAGE("skipped: the temporary folder's file system takes no direct writes");
        return;
    }
    struct alignas(io::kDirectBlockBytes) Block {
        std::array<char, io::kDirectBlockBytes> bytes;
    } image;
    image.bytes.fill('b');
    Waiter write;
    file->start_direct_write({image.bytes.data(), block}, block, write.op);
    while (write.op.in_flight) (*ring)->turn(io::Ring::Wait::kForCompletion);
    REQUIRE(write.result == static_cast<int32_t>(block));
    CHECK(contents(disk, folder.path("f")) ==
          std::string(block, 'a') + std::string(block, 'b') + std::string(block, 'a'));
    file->start_direct_write({image.bytes.data(), 100}, 0, write.op);
    while (write.op.in_flight) (*ring)->turn(io::Ring::Wait::kForCompletion);
    CHECK(write.result == -EINVAL);
}

TEST_CASE("io/disk: what the kernel need not keep in memory is still on the disk") {
    TempFolder folder;
    RealDisk disk(nullptr);
    const std::string bytes(1 << 20, 'x');
    const auto file = open_file(disk, folder.path("f"), OpenMode::kCreate);
    REQUIRE(file->write_at(bytes, 0).has_value());
    REQUIRE(file->data_sync().has_value());
    file->drop_cached(0, bytes.size());
    CHECK(contents(disk, folder.path("f")) == bytes);
}

TEST_CASE("io/disk: a folder is synced without waiting") {
    TempFolder folder;
    auto ring = io::Ring::create({});
    REQUIRE(ring.has_value());
    RealDisk disk(ring->get());
    write_file(disk, folder.path("a"), "");
    REQUIRE(disk.rename(folder.path("a"), folder.path("b")).has_value());
    const auto handle = open_file(disk, folder.path(), OpenMode::kRead);
    Waiter sync;
    handle->start_data_sync(sync.op);
    while (sync.op.in_flight) (*ring)->turn(io::Ring::Wait::kForCompletion);
    CHECK(sync.result == 0);
    CHECK(handle->data_sync().has_value());
}

TEST_CASE("io/disk: copy-on-write file systems are known by their magic") {
    CHECK(io::file_system_copies_on_write(0x9123683E));
    CHECK(io::file_system_copies_on_write(0x2FC12FC1));
    CHECK(io::file_system_copies_on_write(0xCA451A4E));
    CHECK_FALSE(io::file_system_copies_on_write(0xEF53));      // ext4
    CHECK_FALSE(io::file_system_copies_on_write(0x58465342));  // XFS
    RealDisk disk(nullptr);
    CHECK_FALSE(disk.copies_on_write("/proc"));
    CHECK_FALSE(disk.copies_on_write("/no/such/folder"));
}
