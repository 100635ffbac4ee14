// Data folders that redis-server and others left, whole and damaged, each given to a server: it
// loads or refuses as `aof-cases/cases.tsv` of the fixtures says, column "expected by us".
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/process/dataset.h"
#include "tests/support/server_process.h"

namespace tidemark {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;
using support::ServerProcess;
using support::TempFolder;

fs::path cases() {
    const char* given = std::getenv("TIDEMARK_FIXTURES");
    const fs::path root =
        given != nullptr ? fs::path(given) : fs::path(TIDEMARK_SOURCE_ROOT "/../shared/fixtures");
    return root / "aof-cases";
}

// The fixtures may be read-only.
void make_writable(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        fs::permissions(entry.path(), fs::perms::owner_all, fs::perm_options::add);
    }
}

// What the manifest says that the log is called.
std::string appendfilename(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const size_t suffix = name.rfind(".manifest");
        if (suffix != std::string::npos && !name.starts_with("temp-"))
            return name.substr(0, suffix);
    }
    return "appendonly.aof";
}

void check_case(const std::string& name, const std::string& expected) {
    const TempFolder data;
    support::copy_folder((cases() / name).string(), data.path());
    make_writable(data.path());
    ServerProcess server(ServerKind::kTidemark, data.path(),
                         {"--appendfilename", appendfilename(data.path())});
    const bool loaded = server.wait_ready();
    CAPTURE(server.output());
    if (expected == "refuse") {
        CHECK_FALSE(loaded);
        CHECK(server.process().wait_for(support::Milliseconds(10'000))->code == 1);
        return;
    }
    REQUIRE(loaded);
    auto client = server.connect();
    CHECK(process::read_dataset(client).size() == std::stoul(expected));
    CHECK(server.stop().code == 0);
}

}  // namespace

TEST_CASE("fixtures: a server loads or refuses each folder as the table says") {
    std::ifstream table(cases() / "cases.tsv");
    if (!table) {
        MESSAGE("skipped: no fixtures in " << cases().string());
        return;
    }
    std::string line;
    std::getline(table, line);  // its head
    size_t count = 0;
    while (std::getline(table, line)) {
        const size_t tab = line.find('\t');
        const std::string name = line.substr(0, tab);
        const std::string expected = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
        CAPTURE(name);
        check_case(name, expected);
        ++count;
    }
    CHECK(count > 30);
}

}  // namespace tidemark
