#include "io/processors.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

#include "base/number.h"

namespace tidemark::io {

namespace {

constexpr uint64_t kPermille = 1'000;
// More than any machine has, and no overflow.
constexpr uint64_t kTimeMax = uint64_t{1} << 40;

std::string first_line(const std::string& path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

// "<quota> <period>", microseconds, or "max <period>".
std::optional<uint64_t> quota_permille(std::string_view line) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto quota = parse_uint64(line.substr(0, space));
    const auto period = parse_uint64(line.substr(space + 1));
    if (!quota || !period || *period == 0 || *quota > kTimeMax) return std::nullopt;
    return *quota * kPermille / *period;
}

// "0::/path" among lines for version 1; empty: none.
std::string own_group(const std::string& own) {
    std::ifstream file(own);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("0::/")) return line.substr(3);
    }
    return {};
}

}  // namespace

uint64_t processor_permille(const std::string& groups, const std::string& own) {
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t least = static_cast<uint64_t>(std::max(online, 1L)) * kPermille;
    std::string group = own_group(own);
    while (true) {
        const auto quota = quota_permille(first_line(groups + group + "/cpu.max"));
        if (quota) least = std::min(least, *quota);
        if (group.empty()) return least;
        group.resize(group.rfind('/'));
    }
}

}  // namespace tidemark::io
