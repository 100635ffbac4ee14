#include "tests/rdb_check/dumps.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tools/rdb_check/record_stepper.h"

namespace tidemark::rdb_check {

namespace {

class NameSink final : public rdb::ValueSink {
public:
    Status begin_key(const rdb::KeyRecord& key) override {
        name = fmt::format("{}/{}", key.db, key.name);
        return {};
    }
    void aux(std::string_view field, std::string_view) override { name = field; }
    std::string name;
};

CheckSettings settings(unsigned jobs) {
    CheckSettings settings;
    settings.jobs = jobs;
    settings.key_memory_bytes = 1 << 20;
    settings.spool_folder = "/tmp";
    settings.limits.now_ms = 1'700'000'000'000;
    return settings;
}

DumpHead head_of(rdb::Input& input) {
    rdb::Primitives in(input);
    const auto head = read_dump_head(in);
    REQUIRE(head);
    return *head;
}

void add_many(tools::RedisOracle& redis, support::CommandArgs command, std::string_view prefix,
              int count, int words) {
    for (int i = 0; i < count; ++i) {
        for (int word = 0; word < words; ++word)
            command.push_back(word == 0 && words == 2 && command[0] == "ZADD"
                                  ? std::to_string(i)
                                  : fmt::format("{}{}", prefix, i));
    }
    REQUIRE_FALSE(redis.cmd(command).is_error());
}

}  // namespace

std::string dump_of_all_types(tools::RedisOracle& redis) {
    redis.cmd({"FLUSHALL"});
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"hash-max-listpack-entries", "8"},
                                                          {"set-max-intset-entries", "8"},
                                                          {"zset-max-listpack-entries", "8"},
                                                          {"list-max-listpack-size", "16"}}) {
        redis.cmd({"CONFIG", "SET", name, value});
    }
    redis.cmd({"SELECT", "0"});
    redis.cmd({"SET", "text", "a value of some length, as text"});
    redis.cmd({"SET", "number", "12345"});
    redis.cmd({"SET", "packed", std::string(200, 'p')});
    redis.cmd({"SET", "expiring", "soon", "PXAT", "33000000000000"});
    add_many(redis, {"RPUSH", "list"}, "element-", 40, 1);
    add_many(redis, {"SADD", "set"}, "member-", 12, 1);
    add_many(redis, {"SADD", "intset"}, "", 5, 1);
    add_many(redis, {"HSET", "hash-packed"}, "field-", 4, 2);
    add_many(redis, {"HSET", "hash"}, "field-", 12, 2);
    add_many(redis, {"ZADD", "zset-packed"}, "member-", 4, 2);
    add_many(redis, {"ZADD", "zset"}, "member-", 12, 2);
    redis.cmd({"XADD", "stream", "1-1", "field", "value"});
    redis.cmd({"XADD", "stream", "2-1", "field", "other"});
    redis.cmd({"XGROUP", "CREATE", "stream", "group", "0"});
    redis.cmd({"XREADGROUP", "GROUP", "group", "reader", "COUNT", "1", "STREAMS", "stream", ">"});
    redis.cmd({"FUNCTION", "LOAD", "REPLACE",
               "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"});
    redis.cmd({"SELECT", "3"});
    redis.cmd({"SET", "elsewhere", "a value in db 3"});
    redis.cmd({"SELECT", "15"});
    redis.cmd({"SET", "far", "a value in db 15"});
    redis.cmd({"SET", "last", "the end"});
    return redis.save();
}

std::vector<RecordBytes> records_of(std::string_view dump) {
    rdb::MemoryInput input(dump);
    NameSink sink;
    RecordStepper stepper(input, head_of(input), sink);
    stepper.seek({rdb::kHeadBytes, 0});
    std::vector<RecordBytes> records;
    while (true) {
        const auto read = stepper.read();
        REQUIRE_MESSAGE(read, stepper.place().offset << ": " << read.error().what);
        const Step* step = *read;
        if (step->is_eof()) return records;
        RecordBytes record;
        record.begin = step->begin;
        record.end = step->end;
        record.keys = step->is_key() ? 1 : 0;
        record.is_select = step->kind == rdb::RecordKind::kSelectDb;
        record.name = step->is_key() || step->kind == rdb::RecordKind::kAux ? sink.name : "";
        record.bytes = dump.substr(step->begin, step->end - step->begin);
        records.push_back(std::move(record));
    }
}

std::map<std::string, std::string> keys_of(std::string_view dump) {
    std::map<std::string, std::string> keys;
    for (const RecordBytes& record : records_of(dump)) {
        if (record.keys > 0) keys[record.name] = record.bytes;
    }
    return keys;
}

std::string framed_again(std::string_view dump, rdb::Sealing sealing, uint64_t segment_bytes) {
    rdb::StringSink out;
    rdb::DumpOptions options;
    options.version = 10;
    options.sealing = sealing;
    options.segment_bytes = segment_bytes;
    rdb::DumpWriter writer(out, options);
    REQUIRE(writer.begin());
    for (const RecordBytes& record : records_of(dump)) {
        const bool is_hint = record.keys == 0 && record.bytes[0] == '\xfb';
        if (record.is_select || is_hint || record.name.starts_with("tm-")) continue;
        const uint64_t db = std::strtoull(record.name.c_str(), nullptr, 10);
        REQUIRE(writer.copy_record(db, record.bytes, record.keys));
    }
    REQUIRE(writer.finish());
    return out.take();
}

std::string without_checksum(std::string dump) {
    dump.replace(dump.size() - 8, 8, 8, '\0');
    return dump;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    return text;
}

Mended mend(std::string_view dump, Restore restore, DamagedValues damaged) {
    Mended mended;
    rdb::MemoryInput input(dump);
    rdb::Primitives in(input);
    const auto head = read_dump_head(in);
    if (!head || !head->is_known()) {
        mended.is_dump = false;
        return mended;
    }
    const tools::NoStop stop;
    auto diagnosis = diagnose(
        input, *head, settings(1), restore, stop,
        [&](const rdb::Finding& finding) {
            mended.codes.emplace_back(rdb::row_of(finding.code).name);
        },
        [](uint64_t) {});
    REQUIRE(diagnosis);
    mended.found = diagnosis->summary;
    mended.restored = diagnosis->restored;
    rdb::StringSink out;
    RewriteOptions options;
    options.spool_folder = "/tmp";
    options.damaged = damaged;
    options.databases = 16;
    Rewrite rewrite(*diagnosis->input, diagnosis->summary, out, options, stop);
    auto result = rewrite.run();
    REQUIRE_MESSAGE(result, result.error().what);
    mended.result = std::move(*result);
    mended.dump = out.take();
    return mended;
}

bool Checked::has(rdb::FindingCode code) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const rdb::Finding& finding) { return finding.code == code; });
}

bool Checked::has_errors() const {
    return std::any_of(findings.begin(), findings.end(), [](const rdb::Finding& finding) {
        return rdb::row_of(finding.code).severity == rdb::Severity::kError;
    });
}

Checked check(std::string_view dump, unsigned jobs) {
    Checked checked;
    rdb::MemoryInput input(dump);
    const tools::NoStop stop;
    CheckRun run(
        input, head_of(input), settings(jobs), stop,
        [&](const rdb::Finding& finding) { checked.findings.push_back(finding); }, [](uint64_t) {});
    auto summary = run.run();
    REQUIRE(summary);
    checked.summary = std::move(*summary);
    return checked;
}

}  // namespace tidemark::rdb_check
