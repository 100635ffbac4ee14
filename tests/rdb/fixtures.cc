#include "tests/rdb/fixtures.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tidemark::rdb {

namespace {

std::string folder() {
    const char* given = std::getenv("TIDEMARK_FIXTURES");
    return given != nullptr ? given : TIDEMARK_SOURCE_ROOT "/../shared/fixtures";
}

std::vector<std::string> columns_of(const std::string& line) {
    std::vector<std::string> columns(1);
    for (const char c : line) {
        if (c == '\t') {
            columns.emplace_back();
        } else {
            columns.back() += c;
        }
    }
    return columns;
}

}  // namespace

std::string Fixture::bytes() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::optional<std::vector<Fixture>> rdb_fixtures() {
    std::ifstream index(folder() + "/INDEX.tsv");
    if (!index) {
        MESSAGE("skipped: no fixtures in " << folder());
        return std::nullopt;
    }
    std::vector<Fixture> all;
    std::string line;
    while (std::getline(index, line)) {
        const auto column = columns_of(line);
        if (column.size() < 12 || column[3] != "rdb") continue;
        Fixture one;
        one.name = column[0];
        one.path = folder() + "/" + column[0];
        one.kind = column[3];
        one.keys = std::strtoull(column[6].c_str(), nullptr, 10);
        one.types = column[7];
        one.extras = column[8];
        one.crc = column[9];
        one.reference = column[11];
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace tidemark::rdb
