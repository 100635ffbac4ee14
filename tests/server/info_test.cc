#include "server/info.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tidemark::server {

namespace {

// A server that has just started, and its INFO.
struct Fixture {
    Config config;
    cmd::CommandTable table = cmd::make_command_table();
    Stats stats{table, 0};
    engine::Stats keyspace_stats;
    InfoSource source{config, stats, keyspace_stats};

    std::string text(std::vector<std::string_view> sections = {}) const {
        return info_text(source, sections);
    }
};

std::vector<std::string> titles(const std::string& text) {
    std::vector<std::string> found;
    for (size_t at = text.find("# "); at != std::string::npos; at = text.find("\n# ", at + 1)) {
        size_t start = text.find('#', at) + 2;
        found.push_back(text.substr(start, text.find('\r', start) - start));
    }
    return found;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\r\n") != std::string::npos;
}

using Titles = std::vector<std::string>;

}  // namespace

TEST_CASE("server/info: sections are chosen by Redis's rules and come in Redis's order") {
    Fixture fixture;
    const Titles by_default = {"Server",     "Clients",     "Memory",  "Persistence",
                               "Stats",      "Replication", "CPU",     "Modules",
                               "Errorstats", "Cluster",     "Keyspace"};
    CHECK(titles(fixture.text()) == by_default);
    CHECK(titles(fixture.text({"default"})) == by_default);
    CHECK(titles(fixture.text({"ALL"})).size() == by_default.size() + 2);
    CHECK(titles(fixture.text({"everything"})) == titles(fixture.text({"all"})));
    CHECK(titles(fixture.text({"keyspace", "Server", "nonsense"})) == Titles{"Server", "Keyspace"});
    CHECK(fixture.text({"nonsense"}).empty());
}

TEST_CASE("server/info: both versions are told") {
    Fixture fixture;
    CHECK(has_line(fixture.text({"server"}), "redis_version:7.4.1"));
    CHECK(has_line(fixture.text({"server"}), "tidemark_version:0.1.0"));
}

TEST_CASE("server/info: every line is a name, a colon and a value, ended by CRLF") {
    Fixture fixture;
    fixture.source.keyspace = {{0, 3, 1, 500}, {1, 0, 0, 0}};
    fixture.stats.on_call(*fixture.table.find_name("get"), 1);
    std::string text = fixture.text({"everything"});
    for (size_t at = 0; at < text.size();) {
        size_t end = text.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        std::string line = text.substr(at, end - at);
        CAPTURE(line);
        CHECK((line.empty() || line.starts_with("# ") || line.find(':') != std::string::npos));
        CHECK(line.find('\n') == std::string::npos);
        at = end + 2;
    }
    CHECK(has_line(text, "db0:keys=3,expires=1,avg_ttl=500"));
    CHECK(text.find("db1:") == std::string::npos);
    CHECK(text.find("\r\ncmdstat_get:calls=1,usec=") != std::string::npos);
    CHECK(text.find(",rejected_calls=0,failed_calls=1\r\n") != std::string::npos);
    CHECK(text.find("\r\nlatency_percentiles_usec_get:p50=") != std::string::npos);
    CHECK(text.find(",p99.9=") != std::string::npos);
}

TEST_CASE("server/info: the log's figures are there when there is a log") {
    Fixture fixture;
    fixture.source.log_groups = 2;
    fixture.source.log_group_bytes = 300;
    fixture.source.log_syncs = 5;
    fixture.source.log_durable_offset = 77;
    fixture.source.log_pending_bytes = 9;
    CHECK(has_line(fixture.text({"persistence"}), "aof_group_bytes_avg:150"));
    CHECK(has_line(fixture.text({"persistence"}), "aof_group_bytes:300"));
    CHECK(has_line(fixture.text({"persistence"}), "aof_syncs:5"));
    CHECK(has_line(fixture.text({"persistence"}), "aof_durable_offset:77"));
    CHECK(has_line(fixture.text({"persistence"}), "aof_pending_bytes:9"));
    // Written, with no sync on its way: that is what `no` looks like, and everysec between two.
    CHECK(has_line(fixture.text({"persistence"}), "aof_pending_bio_fsync:0"));
    fixture.source.log_busy = true;
    CHECK(has_line(fixture.text({"persistence"}), "aof_pending_bio_fsync:1"));
    fixture.config.appendonly = false;
    CHECK(has_line(fixture.text({"persistence"}), "aof_enabled:0"));
    CHECK(fixture.text({"persistence"}).find("aof_durable_offset") == std::string::npos);
}

TEST_CASE("server/info: errors are counted by their code") {
    Fixture fixture;
    fixture.stats.on_error("WRONGTYPE");
    fixture.stats.on_error("ERR");
    fixture.stats.on_error("ERR");
    CHECK(has_line(fixture.text({"errorstats"}), "errorstat_ERR:count=2"));
    CHECK(has_line(fixture.text({"errorstats"}), "errorstat_WRONGTYPE:count=1"));
}

TEST_CASE("server/info: bytes are shown as a person reads them") {
    CHECK(human_bytes(0) == "0B");
    CHECK(human_bytes(1023) == "1023B");
    CHECK(human_bytes(1024) == "1.00K");
    CHECK(human_bytes(1'587'608) == "1.51M");
    CHECK(human_bytes(25'276'502'016) == "23.54G");
}

}  // namespace tidemark::server
