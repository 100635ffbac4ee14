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

// Sends SETs without waiting for their replies until another client is refused. Under `always` the
// replies to the first ones that found no room are held, neither given nor refused.
void write_until_refused(Client& writer, Client& other, int* sent) {
    const std::string value(10'000, 'v');
    for (*sent = 0; *sent < 10'000; ++*sent) {
        writer.append({"SET", fmt::format("k{}", *sent), value});
        REQUIRE(writer.flush());
        if (other.cmd({"PING"}).text.starts_with("MISCONF")) return;
    }
    FAIL("the disk never filled up");
}

bool write_succeeds_within(Client& client, Milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        if (client.cmd({"SET", "after", "1"}).ok()) return true;
        std::this_thread::sleep_for(Milliseconds(50));
    }
    return false;
}

void fill_and_recover(const std::string& policy) {
    SmallDisk disk;
    if (!disk.mounted()) return;
    auto server = start_server(ServerKind::kTidemark, disk.path(), {"--appendfsync", policy});
    Client writer = server->connect();
    Client other = server->connect();
    REQUIRE(other.cmd({"SET", "first", "1"}).ok());
    disk.fill_up(4 * kMegabyte);

    int sent = 0;
    write_until_refused(writer, other, &sent);
    const Reply refusal = other.cmd({"SET", "refused", "1"});
    CHECK(to_string(refusal).starts_with("(error) MISCONF Errors writing to the AOF file: "));
    CHECK(other.cmd({"GET", "first"}).text == "1");  // reads go on
    CHECK(other.cmd({"INFO", "persistence"}).text.find("aof_last_write_status:err") !=
          std::string::npos);

    disk.make_room();
    CHECK(write_succeeds_within(other, Milliseconds(10'000)));
    std::vector<std::string> acknowledged;
    for (int i = 0; i <= sent; ++i) {
        const Reply reply = writer.read_reply();
        REQUIRE_FALSE(reply.lost());
        if (reply.ok()) acknowledged.push_back(fmt::format("k{}", i));
    }
    CHECK(acknowledged.size() > 300);

    server->kill_hard();
    server = start_server(ServerKind::kTidemark, disk.path());
    Client reader = server->connect();
    CHECK(reader.cmd({"GET", "after"}).text == "1");
    CHECK(reader.cmd({"EXISTS", "refused"}).integer == 0);
    for (const std::string& key : acknowledged)
        REQUIRE(reader.cmd({"STRLEN", key}).integer == 10'000);
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
