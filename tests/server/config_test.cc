#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/quoted_words.h"
#include "server/config_file.h"
#include "server/config_rewrite.h"
#include "server/config_store.h"
#include "server/directive.h"
#include "tests/support/temp_folder.h"

namespace tidemark::server {

namespace {

using Lines = std::vector<std::string>;

LoadedConfig loaded_from(std::string_view text) {
    LoadedConfig loaded;
    Status status = apply_config_text(text, "test.conf", 0, loaded);
    REQUIRE_MESSAGE(status.has_value(), status.error().what);
    return loaded;
}

std::string refusal_of(std::string_view text) {
    LoadedConfig loaded;
    Status status = apply_config_text(text, "test.conf", 0, loaded);
    REQUIRE_FALSE(status.has_value());
    return status.error().what;
}

Result<LoadedConfig> started_with(std::vector<const char*> args) {
    Result<CommandLine> line = parse_command_line(args);
    if (!line) return fail(std::move(line).error());
    return load_config(*line);
}

std::string set(ConfigStore& store, std::vector<std::string_view> pairs) {
    Buffer out;
    resp::Reply reply(out, resp::Protocol::kResp2);
    store.set(pairs, reply);
    return std::string(out.view());
}

std::string get(const ConfigStore& store, std::vector<std::string_view> patterns) {
    Buffer out;
    resp::Reply reply(out, resp::Protocol::kResp2);
    store.get(patterns, reply);
    return std::string(out.view());
}

std::string failed(std::string_view name, std::string_view why) {
    return "-ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
           std::string(why) + "\r\n";
}

}  // namespace

TEST_CASE("server/config: without anything, every write is durable before its reply") {
    Config config = started_with({}).value().config;
    CHECK(config.appendonly);
    CHECK(config.appendfsync == AppendFsync::kAlways);
    CHECK(config.port == 6379);
    CHECK(config.bind == Lines{"127.0.0.1", "-::1"});
    CHECK(config.protected_mode);
}

TEST_CASE("server/config: words take quotes and escapes as redis.conf has them") {
    CHECK(split_words("a  b\tc") == Lines{"a", "b", "c"});
    CHECK(split_words(R"(x "a b\"\x41\n" 'it\'s' "")") == Lines{"x", "a b\"A\n", "it's", ""});
    CHECK_FALSE(split_words(R"(x "a)").has_value());
    CHECK_FALSE(split_words(R"(x "a"b)").has_value());
    CHECK_FALSE(split_words("x 'a").has_value());
}

TEST_CASE("server/config: a quoted word reads back as it was") {
    for (std::string word : {"", "plain", "two words", "quo\"te", "back\\slash", "new\nline", "#x",
                             "it's", "\x01\xff"}) {
        CAPTURE(word);
        CHECK(split_words(quote_word(word)) == Lines{word});
    }
}

TEST_CASE("server/config: a file sets what it names; comments and blank lines are nothing") {
    Config config = loaded_from(
                        "# a comment\n\n  port 7000\r\nBIND 10.0.0.1 ::1\nappendfsync everysec\n"
                        "requirepass \"a b\"\nmaxmemory 2gb\nunixsocketperm 700\n"
                        "client-output-buffer-limit replica 1mb 1k 5\nsave \"\"\n")
                        .config;
    CHECK(config.port == 7000);
    CHECK(config.bind == Lines{"10.0.0.1", "::1"});
    CHECK(config.appendfsync == AppendFsync::kEverySecond);
    CHECK(config.requirepass == "a b");
    CHECK(config.maxmemory == 2LL << 30);
    CHECK(config.unixsocketperm == 0700);
    CHECK(config.client_output_buffer_limit[1] == OutputLimit{1 << 20, 1000, 5});
    CHECK(config.client_output_buffer_limit[2] == Config().client_output_buffer_limit[2]);
}

TEST_CASE("server/config: memory units are those of redis.conf") {
    CHECK(parse_memory("1") == 1);
    CHECK(parse_memory("1b") == 1);
    CHECK(parse_memory("2k") == 2000);
    CHECK(parse_memory("2KB") == 2048);
    CHECK(parse_memory("3m") == 3'000'000);
    CHECK(parse_memory("3mb") == 3 << 20);
    CHECK(parse_memory("1g") == 1'000'000'000);
    CHECK(parse_memory("1Gb") == 1 << 30);
    CHECK_FALSE(parse_memory("1tb").has_value());
    CHECK_FALSE(parse_memory("mb").has_value());
    CHECK_FALSE(parse_memory("-1mb").has_value());
    CHECK_FALSE(parse_memory("9223372036854775807kb").has_value());
}

TEST_CASE(
    "server/config: a line that cannot be used is named with file, line and what is accepted") {
    CHECK(refusal_of("port 1\nappendfsync often\n") ==
          "test.conf line 2: `appendfsync often`: 'appendfsync' argument(s) must be one of the "
          "following: everysec, always, no");
    CHECK(refusal_of("no-such-thing 1\n") ==
          "test.conf line 1: `no-such-thing 1`: 'no-such-thing' is not a setting of this server; "
          "remove it");
    CHECK(refusal_of("port\n").find("needs a value") != std::string::npos);
    CHECK(refusal_of("port 70000\n").find("between 0 and 65535") != std::string::npos);
    CHECK(refusal_of("logfile \"a\n").find("line 1") != std::string::npos);
    CHECK(refusal_of("appendfilename a/b\n").find("filename") != std::string::npos);
}

TEST_CASE("server/config: snapshot points are refused, not forgotten") {
    CHECK(refusal_of("save 900 1\n").find("snapshots are not available yet") != std::string::npos);
}

TEST_CASE("server/config: a setting of Redis that asks for nothing is taken with a note") {
    CHECK(loaded_from("rdbcompression yes\n").notes.size() == 1);
    CHECK(loaded_from("tls-port 0\nnotify-keyspace-events \"\"\n").notes.size() == 2);
    CHECK(refusal_of("tls-port 6380\n").find("there is no TLS yet") != std::string::npos);
    CHECK(refusal_of("notify-keyspace-events KEA\n").find("only \"\" is accepted") !=
          std::string::npos);
    CHECK(refusal_of("min-replicas-to-write 1\n").find("no replicas") != std::string::npos);
}

TEST_CASE("server/config: no setting is both taken and ignored") {
    for (const Directive& directive : all_directives()) {
        CAPTURE(directive.name);
        CHECK(find_ignored_directive(directive.name) == nullptr);
    }
}

TEST_CASE("server/config: options come after the file and win") {
    support::TempFolder folder;
    std::string path = folder.path() + "/a.conf";
    std::ofstream(path) << "port 7000\nhz 20\n";
    LoadedConfig loaded =
        started_with({path.c_str(), "--port", "7001", "--save", "", "--bind", "::1 127.0.0.1"})
            .value();
    CHECK(loaded.config.port == 7001);
    CHECK(loaded.config.hz == 20);
    CHECK(loaded.config.bind == Lines{"::1", "127.0.0.1"});
    CHECK(loaded.file == path);
}

TEST_CASE("server/config: an option's value is one word however many blanks it has") {
    Config config = started_with({"--requirepass", "a \"b"}).value().config;
    CHECK(config.requirepass == "a \"b");
}

TEST_CASE("server/config: include takes patterns, names its own file, and ends in a circle") {
    support::TempFolder folder;
    std::string main = folder.path() + "/main.conf";
    std::ofstream(folder.path() + "/1.inc") << "port 7001\n";
    std::ofstream(folder.path() + "/2.inc") << "timeout 5\n";
    std::ofstream(main) << "include " << folder.path() << "/*.inc\nhz 20\n";
    Config config = started_with({main.c_str()}).value().config;
    CHECK(config.port == 7001);
    CHECK(config.timeout_s == 5);
    CHECK(config.hz == 20);

    std::ofstream(folder.path() + "/2.inc") << "timeout never\n";
    CHECK(started_with({main.c_str()}).error().what.find("2.inc line 1") != std::string::npos);
    std::ofstream(folder.path() + "/2.inc") << "include " << main << "\n";
    CHECK(started_with({main.c_str()}).error().what.find("deep") != std::string::npos);
    CHECK_FALSE(started_with({"/no/such/file.conf"}).has_value());
}

TEST_CASE("server/config: what is not an option is refused") {
    CHECK_FALSE(started_with({"-x"}).has_value());
    CHECK_FALSE(started_with({"--port"}).has_value());
    const char* version[] = {"--version"};
    CHECK(parse_command_line(version)->action == CommandLine::Action::kShowVersion);
}

TEST_CASE("server/config: CONFIG GET shows what any of the patterns matches, once") {
    ConfigStore store(Config{}, "");
    CHECK(get(store, {"tim?out", "TIMEOUT"}) == "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
    CHECK(get(store, {"nothing"}) == "*0\r\n");
    CHECK(get(store, {"client-output*"})
              .find("normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60") !=
          std::string::npos);
}

TEST_CASE("server/config: CONFIG SET refuses in Redis's words") {
    ConfigStore store(Config{}, "");
    CHECK(set(store, {"foo", "1"}) ==
          "-ERR Unknown option or number of arguments for CONFIG SET - 'foo'\r\n");
    CHECK(set(store, {"timeout", "x"}) ==
          failed("timeout", "argument couldn't be parsed into an integer"));
    CHECK(set(store, {"maxclients", "0"}) ==
          failed("maxclients", "argument must be between 1 and 4294967295 inclusive"));
    CHECK(set(store, {"maxmemory", "x"}) == failed("maxmemory", "argument must be a memory value"));
    CHECK(set(store, {"protected-mode", "x"}) ==
          failed("protected-mode", "argument must be 'yes' or 'no'"));
    CHECK(set(store, {"appendfsync", "x"}) ==
          failed("appendfsync", "argument(s) must be one of the following: everysec, always, no"));
    CHECK(set(store, {"databases", "4"}) == failed("databases", "can't set immutable config"));
    CHECK(set(store, {"dir", "/"}) == failed("dir", "can't set protected config"));
    CHECK(set(store, {"hz", "10", "hz", "20"}) == failed("hz", "duplicate parameter"));
}

TEST_CASE("server/config: CONFIG SET changes all of its pairs or none") {
    ConfigStore store(Config{}, "");
    CHECK(set(store, {"timeout", "7", "maxclients", "x"}).starts_with("-ERR"));
    CHECK(store.config().timeout_s == 0);
    CHECK(set(store, {"timeout", "7", "maxclients", "5"}) == "+OK\r\n");
    CHECK(store.config().timeout_s == 7);
    CHECK(store.config().maxclients == 5);
}

TEST_CASE("server/config: a change that cannot be applied takes the others back") {
    ConfigStore store(Config{}, "");
    std::vector<int64_t> seen;
    store.on_change([&](std::string_view name) -> Refusal {
        seen.push_back(store.config().timeout_s);
        if (name == "maxclients" && store.config().maxclients == 5) return "no room";
        return std::nullopt;
    });
    CHECK(set(store, {"timeout", "7", "maxclients", "5"}) == failed("maxclients", "no room"));
    CHECK(store.config().timeout_s == 0);
    CHECK(seen == std::vector<int64_t>{7, 7, 0, 0});
}

TEST_CASE("server/config: a value that is the same already changes nothing") {
    ConfigStore store(Config{}, "");
    int calls = 0;
    store.on_change([&](std::string_view) -> Refusal {
        ++calls;
        return std::nullopt;
    });
    CHECK(set(store, {"timeout", "0"}) == "+OK\r\n");
    CHECK(calls == 0);
}

TEST_CASE("server/config: hz is clamped, as Redis does") {
    ConfigStore store(Config{}, "");
    CHECK(set(store, {"hz", "600"}) == "+OK\r\n");
    CHECK(store.config().hz == 500);
}

TEST_CASE("server/config: a number with a blank behind it is no number, hz included") {
    ConfigStore store(Config{}, "");
    const std::string why = "argument couldn't be parsed into an integer";
    CHECK(set(store, {"hz", "1 "}) == failed("hz", why));
    CHECK(set(store, {"timeout", "1 "}) == failed("timeout", why));
}

TEST_CASE("server/config: what CONFIG GET shows can be set again, and its lines read back") {
    Config config;
    config.requirepass = "a b\"c";
    config.latency_percentiles = {50, 99.9};
    config.bind.clear();
    config.timeout_s = 3;
    std::string text;
    for (const Directive& directive : all_directives()) {
        for (const std::string& line : directive_lines(directive, config)) text += line + "\n";
    }
    Config read = loaded_from(text).config;
    for (const Directive& directive : all_directives()) {
        CAPTURE(directive.name);
        CHECK(show_directive(directive, read) == show_directive(directive, config));
    }
}

TEST_CASE("server/config: REWRITE keeps comments, order and spelling of what has not changed") {
    std::string text = "# mine\nmaxmemory   1gb\n\n  timeout 5\n# end\n";
    Config config = loaded_from(text).config;
    CHECK(rewritten_config(text, "x", config).value() == text);
    config.timeout_s = 6;
    CHECK(rewritten_config(text, "x", config).value() ==
          "# mine\nmaxmemory   1gb\n\ntimeout 6\n# end\n");
}

TEST_CASE("server/config: REWRITE appends what is not there and differs from its default") {
    Config config;
    config.timeout_s = 6;
    CHECK(rewritten_config("# mine\n", "x", config).value() ==
          "# mine\n# Written by CONFIG REWRITE\ntimeout 6\n");
}

TEST_CASE("server/config: REWRITE leaves one line of several that say the same") {
    Config config = loaded_from("timeout 5\nhz 20\ntimeout 6\n").config;
    config.timeout_s = 7;
    CHECK(rewritten_config("timeout 5\nhz 20\ntimeout 6\n", "x", config).value() ==
          "timeout 7\nhz 20\n");
}

TEST_CASE("server/config: REWRITE of any one setting reads back as it is in use") {
    Config config;
    config.bind = {"10.0.0.1"};
    config.client_output_buffer_limit[0] = {5, 4, 3};
    config.loglevel = LogLevel::kWarning;
    config.requirepass = "#\n";
    std::string text = "client-output-buffer-limit pubsub 1 1 1\nbind ::1\n# x\n";
    std::string result = rewritten_config(text, "x", config).value();
    Config read = loaded_from(result).config;
    for (const Directive& directive : all_directives()) {
        CAPTURE(directive.name);
        CHECK(show_directive(directive, read) == show_directive(directive, config));
    }
}

}  // namespace tidemark::server
