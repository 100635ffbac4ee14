#include "io/folder_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/io/temp_folder.h"

using namespace tidemark;
using io::FolderLock;
using io::TempFolder;

TEST_CASE("io/lock: a second holder is refused with the folder and the first one's pid") {
    TempFolder folder;
    const auto first = FolderLock::take(folder.path());
    REQUIRE(first.has_value());
    const auto second = FolderLock::take(folder.path());
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::kExists);
    CHECK(second.error().what.find(folder.path()) != std::string::npos);
    CHECK(second.error().what.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("io/lock: it is free again when its holder lets go") {
    TempFolder folder;
    { const auto first = FolderLock::take(folder.path()); }
    CHECK(FolderLock::take(folder.path()).has_value());
}

TEST_CASE("io/lock: kill -9 frees it") {
    TempFolder folder;
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto held = FolderLock::take(folder.path());
        const char answer = held.has_value() ? 'y' : 'n';
        if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
        for (;;) ::pause();
    }
    char answer = 0;
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    const auto refused = FolderLock::take(folder.path());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find(std::to_string(child)) != std::string::npos);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(FolderLock::take(folder.path()).has_value());
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("io/lock: a folder that is not there is named") {
    const auto lock = FolderLock::take("/no/such/folder");
    REQUIRE_FALSE(lock.has_value());
    CHECK(lock.error().what.find("/no/such/folder") != std::string::npos);
}
