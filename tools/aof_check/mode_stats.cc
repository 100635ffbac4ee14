// Mode stats: what a log is made of: commands, the keys most written to, how much of it a rewrite
// would save.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "aof/codec/log_walk.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/key_traffic.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/modes.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::JsonFile;
using tools::Session;

// A rewrite is advised where the increments are so many times the base, and worth the trouble:
// Redis's own auto-aof-rewrite-percentage 100 and auto-aof-rewrite-min-size 64mb.
constexpr uint64_t kRewriteWorthBytes = 64 * 1024 * 1024;

struct StatsOptions {
    LogOptions log;
    size_t top = 10;
};

struct CommandCount {
    std::string name;
    uint64_t records = 0;
    uint64_t bytes = 0;
};

class Stats {
public:
    Stats(const StatsOptions& options, Session& session)
        : options_(options), session_(session), judge_(options.log.judge()) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        TM_CHECK(chain_.require_manifest());
        uint64_t total = 0;
        for (const ChainFile& file : chain_.files) total += file.size;
        progress_ = session_.progress("reading", total);
        for (const ChainFile& file : chain_.files) TM_CHECK(read(file));
        progress_.reset();
        say();
        const std::string sentence = fmt::format(
            "{} in {}{}", tools::format_count(records_, "record"), tools::format_bytes(log_bytes_),
            damage_.empty() ? "" : fmt::format("; damaged, read up to there: {}", damage_));
        return session_.output().verdict(damage_.empty() ? Exit::kClean : Exit::kDamaged, sentence);
    }

private:
    Status read(const ChainFile& file) {
        if (!file.is_there) {
            note_damage(fmt::format("{} is missing", file.name));
            return {};
        }
        const auto bytes = TM_TRY(open_log(session_, file));
        const auto moved = [&](uint64_t done) { progress_->update(bytes_before_ + done); };
        if (const auto& broken = bytes->source().unpack_error())
            note_damage(fmt::format("{}: {}", file.name, broken->what));
        const Preamble preamble = TM_TRY(read_preamble(bytes->source(), session_.stop(), moved));
        if (preamble.damage) {
            note_damage(fmt::format("{}: {}", file.name, preamble.damage->what));
        } else {
            if (file.role == Role::kBase) base_bytes_ += bytes->size();
            rdb_keys_ += preamble.keys;
            TM_CHECK(read_log(file, *bytes, preamble.end, moved));
        }
        bytes_before_ += file.size;
        return {};
    }

    Status read_log(const ChainFile& file, aof::ByteSource& bytes, uint64_t start,
                    const std::function<void(uint64_t)>& moved) {
        const bool promised = file.entry.find(aof::kSealsKey).has_value();
        aof::LogWalk walk(bytes, {start, promised, aof::Hold::kBounded, false});
        uint64_t next_look = 0;
        while (true) {
            const aof::Item item = TM_TRY(walk.next());
            if (item.kind == aof::ItemKind::kEnd) break;
            if (item.kind == aof::ItemKind::kRecord) count(item, walk, file);
            if (item.kind == aof::ItemKind::kFill) window_bytes_ += item.length;
            walk.release();
            if (walk.offset() < next_look) continue;
            next_look = walk.offset() + 4 * 1024 * 1024;
            TM_CHECK(session_.stop().check());
            moved(walk.offset());
        }
        const aof::FileEnding& end = walk.ending();
        log_bytes_ += end.keep - start;
        if (file.role == Role::kIncrement) increment_bytes_ += end.keep;
        const bool is_whole = end.ending == aof::Ending::kClean ||
                              end.ending == aof::Ending::kFill ||
                              end.ending == aof::Ending::kForeign;
        if (!is_whole)
            note_damage(fmt::format("{} at byte {}: {}", file.name, end.problem_at, end.what));
        return {};
    }

    void count(const aof::Item& item, const aof::LogWalk& walk, const ChainFile&) {
        const auto args = walk.args_of(item);
        const bool fits = !judge_.refusal(args, item.args_total);
        const aof::CommandName* row = judge_.row();
        CommandCount& command = commands_[row != nullptr ? row->name : "(unknown)"];
        ++command.records;
        command.bytes += item.length;
        ++records_;
        if (walk.role() == aof::LogWalk::Role::kExec) ++transactions_;
        const auto key = fits ? first_key(*row, args) : std::nullopt;
        if (key) keys_.add(*key, item.length);
    }

    void note_damage(std::string what) {
        if (damage_.empty()) damage_ = std::move(what);
    }

    std::vector<CommandCount> commands() const {
        std::vector<CommandCount> all;
        for (const auto& [name, count] : commands_)
            all.push_back({std::string(name), count.records, count.bytes});
        std::sort(all.begin(), all.end(), [](const CommandCount& a, const CommandCount& b) {
            return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
        });
        return all;
    }

    // How much of what was written a rewrite leaves: the log's write amplification.
    std::optional<double> increments_per_base() const {
        if (base_bytes_ == 0) return std::nullopt;
        return static_cast<double>(increment_bytes_) / static_cast<double>(base_bytes_);
    }

    std::string advice() const {
        if (increment_bytes_ < kRewriteWorthBytes) return "no rewrite is due: the log is small";
        if (increment_bytes_ <= base_bytes_)
            return "no rewrite is due: the increments are smaller than the base";
        return "a rewrite is due (BGREWRITEAOF): a start reads the increments in full";
    }

    void say() {
        tools::Output& output = session_.output();
        say_lines(output);
        output.json("summary", [&](JsonFile& json) {
            json.StartObject();
            const auto number = [&](std::string_view name, uint64_t value) {
                tools::json_key(json, name);
                json.Uint64(value);
            };
            number("records", records_);
            number("transactions", transactions_);
            number("log_bytes", log_bytes_);
            number("base_bytes", base_bytes_);
            number("increment_bytes", increment_bytes_);
            number("rdb_keys", rdb_keys_);
            number("window_bytes", window_bytes_);
            if (const auto times = increments_per_base()) {
                json.Key("increments_per_base");
                json.Double(*times);
            }
            json.Key("advice");
            tools::json_string(json, advice());
            json.EndObject();
        });
        output.json("commands", [&](JsonFile& json) {
            json.StartArray();
            for (const CommandCount& one : commands()) {
                json.StartObject();
                json.Key("command");
                tools::json_string(json, one.name);
                json.Key("records");
                json.Uint64(one.records);
                json.Key("bytes");
                json.Uint64(one.bytes);
                json.EndObject();
            }
            json.EndArray();
        });
        output.json("keys", [&](JsonFile& json) {
            json.StartArray();
            for (const KeyBytes& one : keys_.top(options_.top)) {
                json.StartObject();
                tools::json_bytes(json, "key", one.key);
                json.Key("records");
                json.Uint64(one.records);
                json.Key("bytes");
                json.Uint64(one.bytes);
                json.EndObject();
            }
            json.EndArray();
        });
        output.json("key_bytes_uncertain", [&](JsonFile& json) { json.Uint64(keys_.uncertain()); });
    }

    void say_lines(tools::Output& output) {
        output.line("command                  records          bytes");
        for (const CommandCount& one : commands())
            output.line(fmt::format("{:<20} {:>11} {:>14}", one.name, one.records, one.bytes));
        const auto top = keys_.top(options_.top);
        if (!top.empty()) output.line("key                      records  bytes written");
        for (const KeyBytes& one : top) {
            output.line(fmt::format("{:<20} {:>11} {:>14}", tools::escape_short(one.key),
                                    one.records, one.bytes));
        }
        if (!keys_.is_exact())
            output.line(fmt::format("(of many keys: each may be {} short)",
                                    tools::format_bytes(keys_.uncertain())));
        const auto times = increments_per_base();
        output.line(fmt::format("base {}, increments {}{}: {}", tools::format_bytes(base_bytes_),
                                tools::format_bytes(increment_bytes_),
                                times ? fmt::format(", {:.2f} times the base", *times) : "",
                                advice()));
    }

    const StatsOptions& options_;
    Session& session_;
    Judge judge_;
    Chain chain_;
    std::unique_ptr<tools::Progress> progress_;
    std::map<std::string_view, CommandCount> commands_;  // by names that the judge owns
    KeyTraffic keys_;
    std::string damage_;
    uint64_t bytes_before_ = 0;
    uint64_t records_ = 0;
    uint64_t transactions_ = 0;
    uint64_t log_bytes_ = 0;
    uint64_t base_bytes_ = 0;
    uint64_t increment_bytes_ = 0;
    uint64_t rdb_keys_ = 0;
    uint64_t window_bytes_ = 0;
};

}  // namespace

tools::Run declare_stats(tools::Options& app) {
    auto options = std::make_shared<StatsOptions>();
    add_log_options(app, options->log);
    app.add("--top", options->top, "keys to list [10]").between(0, 10'000);
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Stats(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
