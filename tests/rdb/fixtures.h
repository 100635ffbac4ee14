// The folder of files that other implementations wrote, and what is known of them. Where it is not
// there, tests that need it are skipped, saying so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::rdb {

struct Fixture {
    std::string path;
    std::string name;   // in the folder
    std::string kind;   // rdb, aof, dump ...
    std::string types;  // "hash=1,string=2"
    std::string extras;
    std::string crc;        // ok, MISMATCH, absent(0), n/a, -
    std::string reference;  // what a strict reader says: "OK", "OK WARN ...", "FAIL @12 ..."
    uint64_t keys = 0;

    bool is_sound() const { return reference.starts_with("OK"); }
    std::string bytes() const;
};

// nullopt, and a message, where there are none.
std::optional<std::vector<Fixture>> rdb_fixtures();

}  // namespace tidemark::rdb
