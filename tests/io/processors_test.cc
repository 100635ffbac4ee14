#include "io/processors.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/io/temp_folder.h"

using tidemark::io::processor_permille;
using tidemark::io::TempFolder;

namespace {

void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

struct Groups {
    TempFolder folder;
    std::string own = folder.path("own");

    Groups() {
        std::filesystem::create_directories(folder.path("slice/unit"));
        write(own, "3:cpu:/elsewhere\n0::/slice/unit\n");
    }
    uint64_t permille() const { return processor_permille(folder.path(), own); }
};

uint64_t online() {
    return static_cast<uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN)) * 1'000;
}

}  // namespace

TEST_CASE("io/processors: without a quota all that are online count") {
    const Groups groups;
    CHECK(groups.permille() == online());
    write(groups.folder.path("slice/unit/cpu.max"), "max 100000\n");
    CHECK(groups.permille() == online());
}

TEST_CASE("io/processors: the least quota of the group and those above it counts") {
    const Groups groups;
    write(groups.folder.path("slice/unit/cpu.max"), "50000 100000\n");
    CHECK(groups.permille() == 500);
    write(groups.folder.path("slice/cpu.max"), "20000 100000\n");
    CHECK(groups.permille() == 200);
    write(groups.folder.path("cpu.max"), "10000 100000\n");
    CHECK(groups.permille() == 100);
}

TEST_CASE("io/processors: a container sees its own group as the root") {
    const Groups groups;
    write(groups.own, "0::/\n");
    write(groups.folder.path("cpu.max"), "70000 100000\n");
    CHECK(groups.permille() == 700);
}

TEST_CASE("io/processors: what cannot be read sets no quota") {
    const Groups groups;
    for (const std::string text : {"", "x", "1000", "1000 0", "-5 100000", "1 2 3",
                                   "99999999999999999999 1", "18446744073709551615 1"}) {
        write(groups.folder.path("slice/unit/cpu.max"), text);
        CHECK_MESSAGE(groups.permille() == online(), text);
    }
    CHECK(processor_permille(groups.folder.path(), groups.folder.path("missing")) == online());
}
