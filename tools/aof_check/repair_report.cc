#include "tools/aof_check/repair_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/shell_word.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::JsonFile;

void write_loss(JsonFile& json, const Loss& loss) {
    json.StartObject();
    tools::json_bytes(json, "file", loss.file);
    json.Key("begin");
    json.Uint64(loss.begin);
    json.Key("end");
    json.Uint64(loss.end);
    json.Key("why");
    tools::json_string(json, loss.why);
    json.Key("was_promised");
    if (loss.is_torn) {
        json.Null();
    } else {
        json.Bool(!loss.never_promised);
    }
    json.Key("records");
    json.Uint64(loss.what.records);
    json.Key("keys");
    json.StartArray();
    for (const std::string& key : loss.what.keys) tools::json_string(json, tools::escape(key));
    json.EndArray();
    json.Key("more_keys");
    json.Bool(loss.what.there_are_more);
    json.EndObject();
}

std::string where(const NewLog& log) {
    std::string text = fmt::format("wrote {}", log.path());
    if (log.backup_path().empty())
        return text + ", to be put in the log's place (or use --in-place, which keeps the old one)";
    return text + fmt::format(", the old log is {}", log.backup_path());
}

}  // namespace

bool RepairReport::has_loss() const {
    return std::any_of(losses.begin(), losses.end(),
                       [](const Loss& loss) { return !loss.never_promised; });
}

uint64_t RepairReport::lost_bytes() const {
    uint64_t bytes = 0;
    for (const Loss& loss : losses) bytes += loss.never_promised ? 0 : loss.end - loss.begin;
    return bytes;
}

Exit say_no_log(const Chain& chain, tools::Output& output) {
    return output.verdict(Exit::kDamaged,
                          fmt::format("nothing written: {} is no log: nothing in it reads as one",
                                      tools::escape(chain.files[0].name)));
}

std::string place_of(const Loss& loss) {
    if (loss.end <= loss.begin) return "no bytes";
    return fmt::format("bytes {} to {}", loss.begin, loss.end - 1);
}

Exit say_manifest_is_unclear(std::string_view why, const Chain& chain, tools::Output& output) {
    return output.verdict(
        Exit::kDamaged,
        fmt::format("nothing written: which files the manifest named cannot be told: {}. First: "
                    "aof-check rebuild-manifest --in-place {}",
                    tools::escape(why), shell_word(chain.given)));
}

Exit say_plan(const RepairReport& report, tools::Output& output) {
    for (const std::string& one : report.mended) output.line("would mend: " + one);
    for (const Loss& loss : report.losses) {
        output.line(fmt::format("would drop: {}: {}, {}{}", tools::escape(loss.file),
                                place_of(loss), loss.why, describe(loss.what)));
    }
    return output.verdict(Exit::kDamaged, "nothing written: --dry-run");
}

void report_repair(const RepairReport& report, const NewLog& log, tools::Output& output) {
    for (const std::string& one : report.mended) output.line("mended: " + one);
    for (const Loss& loss : report.losses) {
        const std::string_view word = loss.never_promised ? "left out" : "lost";
        output.line(fmt::format("{}: {}: {}, {}{}", word, tools::escape(loss.file), place_of(loss),
                                loss.why, describe(loss.what)));
    }
    output.json("mended", [&](JsonFile& json) {
        json.StartArray();
        for (const std::string& one : report.mended) tools::json_string(json, one);
        json.EndArray();
    });
    output.json("lost", [&](JsonFile& json) {
        json.StartArray();
        for (const Loss& loss : report.losses) write_loss(json, loss);
        json.EndArray();
    });
    output.json("summary", [&](JsonFile& json) {
        uint64_t records = 0;
        for (const Loss& loss : report.losses) records += loss.what.records;
        json.StartObject();
        for (const auto& [name, value] :
             {std::pair<std::string_view, uint64_t>{"mended", report.mended.size()},
              {"losses", report.losses.size()},
              {"lost_bytes", report.lost_bytes()},
              {"lost_records", records}}) {
            tools::json_key(json, name);
            json.Uint64(value);
        }
        json.EndObject();
    });
    output.json("output",
                [&](JsonFile& json) { tools::json_string(json, tools::escape(log.path())); });
    if (log.backup_path().empty()) return;
    output.json("backup", [&](JsonFile& json) {
        tools::json_string(json, tools::escape(log.backup_path()));
    });
}

tools::Exit repair_verdict(const RepairReport& report, const NewLog& log, tools::Output& output) {
    if (!report.has_loss())
        return output.verdict(Exit::kRepaired,
                              fmt::format("repaired without loss: {}", where(log)));
    const auto ranges =
        static_cast<uint64_t>(std::count_if(report.losses.begin(), report.losses.end(),
                                            [](const Loss& loss) { return !loss.never_promised; }));
    return output.verdict(
        Exit::kRepairedWithLoss,
        fmt::format("repaired, with a loss in {}, {}: {}", tools::format_count(ranges, "place"),
                    tools::format_count(report.lost_bytes(), "byte"), where(log)));
}

}  // namespace tidemark::aof_check
