#include "tests/rdb/server_view.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "rdb/codec/primitives.h"
#include "tests/rdb/event_log.h"

namespace tidemark::rdb {

namespace {

using support::Client;
using support::Reply;

std::string spelled(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::kInteger:
            return fmt::format("{} ", reply.integer);
        case Reply::Kind::kArray: {
            std::string text = fmt::format("[{} ", reply.elements.size());
            for (const Reply& one : reply.elements) text += spelled(one);
            return text + "] ";
        }
        default:
            return quoted(reply.text);
    }
}

// Elements, `step` replies each.
std::vector<std::string> elements_of(const Reply& reply, size_t step) {
    std::vector<std::string> elements;
    for (size_t i = 0; i + step <= reply.elements.size(); i += step) {
        elements.push_back(quoted(reply.elements[i].text));
        if (step == 2) elements.back() += quoted(reply.elements[i + 1].text);
    }
    return elements;
}

std::string joined(std::string_view kind, std::vector<std::string> elements) {
    if (kind != "list") std::sort(elements.begin(), elements.end());
    std::string text = fmt::format("{} {} ", kind, elements.size());
    for (const std::string& element : elements) text += element;
    return text;
}

std::string zset_of(const Reply& reply) {
    std::vector<std::string> elements;
    for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
        const double score = std::strtod(reply.elements[i + 1].text.c_str(), nullptr);
        elements.push_back(quoted(reply.elements[i].text) + fmt::format("{} ", score));
    }
    return joined("zset", std::move(elements));
}

std::string value_of(Client& client, const std::string& name) {
    const std::string kind = client.cmd({"TYPE", name}).text;
    if (kind == "string") return "string " + quoted(client.cmd({"GET", name}).text);
    if (kind == "list")
        return joined(kind, elements_of(client.cmd({"LRANGE", name, "0", "-1"}), 1));
    if (kind == "set") return joined(kind, elements_of(client.cmd({"SMEMBERS", name}), 1));
    if (kind == "hash") return joined(kind, elements_of(client.cmd({"HGETALL", name}), 2));
    if (kind == "zset") return zset_of(client.cmd({"ZRANGE", name, "0", "-1", "WITHSCORES"}));
    return kind + " " + spelled(client.cmd({"XRANGE", name, "-", "+"})) +
           spelled(client.cmd({"XINFO", "STREAM", name, "FULL", "COUNT", "0"}));
}

void for_each_key(
    Client& client,
    const std::function<void(const std::string& db, const std::string& name)>& visit) {
    for (int db = 0; db < 16; ++db) {
        REQUIRE(client.cmd({"SELECT", std::to_string(db)}).ok());
        for (const Reply& name : client.cmd({"KEYS", "*"}).elements) {
            visit(std::to_string(db), name.text);
        }
    }
    REQUIRE(client.cmd({"SELECT", "0"}).ok());
}

}  // namespace

ServerView view_of(Client& client) {
    ServerView view;
    for_each_key(client, [&](const std::string& db, const std::string& name) {
        std::string& text = view[fmt::format("{}/{}", db, name)];
        const int64_t at = client.cmd({"PEXPIRETIME", name}).integer;
        if (at >= 0) text = fmt::format("expire={} ", at);
        text += value_of(client, name);
    });
    return view;
}

ServerView encodings_of(Client& client) {
    ServerView view;
    for_each_key(client, [&](const std::string& db, const std::string& name) {
        view[fmt::format("{}/{}", db, name)] = client.cmd({"OBJECT", "ENCODING", name}).text;
    });
    return view;
}

std::string functions_of(Client& client) {
    return spelled(client.cmd({"FUNCTION", "LIST", "WITHCODE"}));
}

std::unique_ptr<support::ServerProcess> serve(const std::string& folder, std::string_view dump) {
    const std::string path = folder + "/dump.rdb";
    support::write_text_file(path, dump);
    std::string output;
    const auto status =
        support::run_program({"redis-check-rdb", path}, support::Milliseconds(60'000), &output);
    CAPTURE(output);
    CHECK(status.code == 0);
    CHECK(output.find("RDB looks OK") != std::string::npos);
    return support::start_server(support::ServerKind::kRedis, folder,
                                 {"--save", "", "--appendonly", "no"});
}

std::string difference(const ServerView& expected, const ServerView& found) {
    std::string text;
    size_t shown = 0;
    const auto show = [&](const std::string& key, std::string_view a, std::string_view b) {
        if (shown++ >= 5) return;
        size_t at = 0;
        while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
        at -= std::min<size_t>(at, 20);
        text += fmt::format("{}: '{}' is '{}' (from byte {} on)\n", printable(key),
                            printable(a.substr(std::min(at, a.size()))),
                            printable(b.substr(std::min(at, b.size()))), at);
    };
    for (const auto& [key, value] : expected) {
        const auto other = found.find(key);
        if (other == found.end()) {
            show(key, value, "(missing)");
        } else if (other->second != value) {
            show(key, value, other->second);
        }
    }
    for (const auto& [key, value] : found) {
        if (!expected.contains(key)) show(key, "(missing)", value);
    }
    return text;
}

}  // namespace tidemark::rdb
