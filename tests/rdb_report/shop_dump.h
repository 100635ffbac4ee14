// A dump of the shop that redis-server wrote, and the server that still has it, made once for all
// cases.
#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_report {

// What redis-server says of a key.
struct KnownKey {
    int db = 0;
    std::string name;
    std::string type;
    uint64_t elements = 0;
    uint64_t memory = 0;  // MEMORY USAGE
    bool expires = false;
};

class ShopDump {
public:
    // Null where there is no redis-server: cases then say that they are skipped.
    static const ShopDump* get();

    const std::string& path() const { return path_; }
    const std::vector<KnownKey>& keys() const { return keys_; }
    support::Client connect() const { return server_->connect(); }
    // rdb-check report --json with more arguments, on the dump.
    rapidjson::Document report(const std::vector<std::string>& more = {}) const;

private:
    ShopDump();
    void ask(support::Client& client);

    support::TempFolder folder_;
    std::unique_ptr<support::ServerProcess> server_;
    std::string path_;
    std::vector<KnownKey> keys_;
};

}  // namespace tidemark::rdb_report
