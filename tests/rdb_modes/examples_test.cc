// Each example of --help and of the man page is run as it is written.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/rdb_check/program.h"
#include "tests/rdb_modes/world.h"

namespace tidemark::rdb_check {
namespace {

using support::ServerKind;
using support::TempFolder;

constexpr std::string_view kModes[] = {"export", "convert", "diff", "split", "merge", "cat-key"};

bool is_ours(std::string_view line) {
    return std::any_of(std::begin(kModes), std::end(kModes), [&](std::string_view mode) {
        return line.starts_with(fmt::format("rdb-check {} ", mode));
    });
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

// A line of roff as its reader sees it.
std::string unmarked(std::string line) {
    if (line.starts_with('"')) {
        line = line.substr(1, line.size() - 2);
        replace_all(line, "\"\"", "\"");
    }
    replace_all(line, "\\(aq", "'");
    replace_all(line, "\\-", "-");
    return line;
}

std::vector<std::string> examples() {
    std::vector<std::string> lines;
    for (const tools::Mode& mode : tool().modes) {
        std::istringstream text{std::string(mode.examples)};
        for (std::string line; std::getline(text, line);)
            if (is_ours(line)) lines.push_back(line);
    }
    std::istringstream page(support::read_text_file(TIDEMARK_SOURCE_ROOT "/tools/man/rdb-check.1"));
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with(".B ")) continue;
        line = unmarked(line.substr(3));
        if (is_ours(line)) lines.push_back(line);
    }
    return lines;
}

// The dumps that the examples name, and a redis-cli that speaks to our server.
void furnish(const TempFolder& folder, const std::string& socket) {
    for (const char* name : {"dump", "yesterday", "today", "a", "old", "new"})
        std::filesystem::copy_file(world().dump, folder / fmt::format("{}.rdb", name));
    // Nothing in common with a.rdb, or merging would ask for a policy.
    run_tool(0, {"convert", world().dump, "-o", folder / "b.rdb", "--key", "nothing"});
    std::filesystem::create_directory(folder / "bin");
    const std::string cli = folder / "bin/redis-cli";
    support::write_text_file(
        cli, fmt::format("#!/bin/sh\nexec /usr/bin/env -u PATH /usr/bin/redis-cli -s '{}' \"$@\"\n",
                         socket));
    std::filesystem::permissions(cli, std::filesystem::perms::owner_all);
}

TEST_CASE("rdb-check/examples: each one runs, and finds what it is about") {
    const TempFolder data;
    const auto server = support::start_server(ServerKind::kRedis, data.path(), {"--save", ""});
    const auto lines = examples();
    CHECK(lines.size() >= 16);
    for (const std::string& line : lines) {
        CAPTURE(line);
        const TempFolder folder;
        furnish(folder, server->endpoint().unix_path);
        std::string output;
        const std::string program =
            std::filesystem::absolute(tools::rdb_check_program()).parent_path();
        const auto status = support::run_program(
            {"bash", "-c",
             fmt::format(
                 "set -o pipefail; cd {} && PATH={}/bin:{}:$PATH && {}", folder.path(),
                 folder.path(), program,
                 line.find("-o old.rdb") == std::string::npos ? line : "rm old.rdb && " + line)},
            support::Milliseconds(60'000), &output);
        CAPTURE(output);
        // user:1 is in nobody's world, and two of the dumps differ.
        const bool may_say_no =
            line.find("user:1") != std::string::npos || line.find("b.rdb") != std::string::npos;
        CHECK((status.code == 0 || (may_say_no && status.code == 1)));
        CHECK(output.find("error") == output.find("errors: 0"));
    }
}

}  // namespace
}  // namespace tidemark::rdb_check
