// A disk without room, at start and while running. Uses a small file system in memory of its own;
// without the right to mount one there is nothing to test on, and the test says so.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/mount.h>

#include <cstring>
#include <thread>

#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using support::Client;
using support::Milliseconds;
using support::Reply;
using support::ServerKind;
using support::ServerProcess;
using support::start_server;
using support::TempFolder;

constexpr size_t kMegabyte = size_t{1} << 20;

class SmallDisk {
public:
    SmallDisk() {
        mounted_ = mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=24m") == 0;
        if (!mounted_) MESSAGE("skipped: no right to mount (" << std::strerror(errno) << ")");
    }
    ~SmallDisk() {
        if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }
    const std::string& path() const { return folder_.path(); }

    // Leaves `free` bytes.
    void fill_up(size_t free) {
        std::string block(64 * 1024, 'b');
        FILE* file = std::fopen((folder_ / "ballast").c_str(), "w");
        while (std::fwrite(block.data(), block.size(), 1, file) == 1 && std::fflush(file) == 0) {
        }
        std::fclose(file);
        if (free == 0) return;
        const size_t size = support::read_text_file(folder_ / "ballast").size();
        REQUIRE(size > free);
        REQUIRE(truncate((folder_ / "ballast").c_str(), static_cast<off_t>(size - free)) == 0);
    }
    void make_room() { REQUIRE(std::remove((folder_ / "ballast").c_str()) == 0); }

private:
    TempFolder folder_;
    bool mounted_ = false;
};

// SETs until one is refused; returns how many were acknowledged.
int write_until_refused(Client& client, Reply* refusal) {
    const std::string value(10'000, 'v');
    for (int i = 0; i < 10'000; ++i) {
        *refusal = client.cmd({"SET", fmt::format("k{}", i), value});
        if (!refusal->ok()) return i;
    }
    FAIL("the disk never filled up");
    return 0;
}

void fill_and_recover(const std::string& policy) {
    SmallDisk disk;
    if (!disk.mounted()) return;
    auto server = start_server(ServerKind::kTidemark, disk.path(), {"--appendfsync", policy});
    Client client = server->connect();
    REQUIRE(client.cmd({"SET", "first", "1"}).ok());
    disk.fill_up(4 * kMegabyte);

    Reply refusal;
    const int acknowledged = write_until_refused(client, &refusal);
    CHECK(refusal.text.starts_with("MISCONF Errors writing to the AOF file: "));
    CHECK(client.cmd({"GET", "first"}).text == "1");  // reads go on
    CHECK(client.cmd({"INFO", "persistence"}).text.find("aof_last_write_status:err") !=
          std::string::npos);

    disk.make_room();
    Reply again;
    for (int tries = 0; tries < 100 && !again.ok(); ++tries) {
        std::this_thread::sleep_for(Milliseconds(50));
        again = client.cmd({"SET", "after", "1"});
    }
    CHECK(to_string(again) == "OK");

    server->kill_hard();
    server = start_server(ServerKind::kTidemark, disk.path());
    Client reader = server->connect();
    CHECK(reader.cmd({"GET", "after"}).text == "1");
    for (int i = 0; i < acknowledged; ++i)
        REQUIRE(reader.cmd({"STRLEN", fmt::format("k{}", i)}).integer == 10'000);
}

}  // namespace

TEST_CASE("full disk: under always writes are refused, reads go on, room brings writes back") {
    fill_and_recover("always");
}

TEST_CASE("full disk: under everysec what was acknowledged before the refusal is kept") {
    fill_and_recover("everysec");
}

TEST_CASE("full disk: at start it is one sentence and exit 1") {
    SmallDisk disk;
    if (!disk.mounted()) return;
    disk.fill_up(0);
    ServerProcess server(ServerKind::kTidemark, disk.path(), {});
    const auto status = server.process().wait_for(Milliseconds(10'000));
    REQUIRE(status);
    CHECK(status->code == 1);
    CHECK(server.output().find("No space left on device") != std::string::npos);
}

}  // namespace tidemark
