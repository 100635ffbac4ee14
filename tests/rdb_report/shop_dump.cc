#include "tests/rdb_report/shop_dump.h"

#include <doctest/doctest.h>

#include "tests/rdb_check/run.h"
#include "tests/rdb_report/shop.h"

namespace tidemark::rdb_report {

namespace {

using support::Client;
using support::Reply;
using support::ServerKind;

uint64_t elements_of(Client& client, const KnownKey& key) {
    const char* command = key.type == "list"     ? "LLEN"
                          : key.type == "set"    ? "SCARD"
                          : key.type == "zset"   ? "ZCARD"
                          : key.type == "hash"   ? "HLEN"
                          : key.type == "stream" ? "XLEN"
                                                 : nullptr;
    if (command == nullptr) return 1;
    return static_cast<uint64_t>(client.cmd({command, key.name}).integer);
}

}  // namespace

const ShopDump* ShopDump::get() {
    std::string version;
    if (support::run_program({"redis-server", "--version"}, support::Milliseconds(10'000), &version)
            .code != 0)
        return nullptr;
    static const ShopDump dump;
    return &dump;
}

ShopDump::ShopDump() {
    server_ = support::start_server(
        ServerKind::kRedis, folder_.path(),
        {"--save", "", "--maxmemory-policy", "allkeys-lfu", "--enable-debug-command", "yes"});
    Client client = server_->connect();
    fill_shop(client, 1, 2026);
    // Frozen: what expires stays until everything has been asked.
    REQUIRE(client.cmd({"DEBUG", "SET-ACTIVE-EXPIRE", "0"}).ok());
    REQUIRE(client.cmd({"SAVE"}).ok());
    path_ = folder_ / "dump.rdb";
    ask(client);
}

void ShopDump::ask(Client& client) {
    for (const int db : {0, 1, 5}) {
        REQUIRE(client.cmd({"SELECT", std::to_string(db)}).ok());
        const Reply names = client.cmd({"KEYS", "*"});
        for (const Reply& name : names.elements) {
            KnownKey key{db, name.text, client.cmd({"TYPE", name.text}).text};
            key.elements = elements_of(client, key);
            key.memory = static_cast<uint64_t>(
                client.cmd({"MEMORY", "USAGE", name.text, "SAMPLES", "0"}).integer);
            key.expires = client.cmd({"PTTL", name.text}).integer >= 0;
            keys_.push_back(std::move(key));
        }
    }
}

rapidjson::Document ShopDump::report(const std::vector<std::string>& more) const {
    std::vector<std::string> args = {"report", "--json", path_};
    args.insert(args.end(), more.begin(), more.end());
    const tools::ToolRun run = tools::run_rdb_check(args);
    REQUIRE_MESSAGE(run.exit == 0, run.out, run.err);
    rapidjson::Document document;
    REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
    return document;
}

}  // namespace tidemark::rdb_report
