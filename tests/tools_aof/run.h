// aof-check without a process, and what its tests share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "aof/codec/log_walk.h"
#include "aof/codec/record.h"
#include "base/ascii.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"
#include "tools/aof_check/modes.h"

namespace tidemark::aof_check {

using support::read_text_file;
using support::TempFolder;
using support::write_text_file;
using tools::ToolRun;

// --force: a file that was written just now is no reason to wait.
inline ToolRun run_aof_check(std::vector<std::string> args) {
    tools::TextFile out;
    tools::TextFile err;
    const tools::NoStop stop;
    args.emplace_back("--force");
    const int exit = run_tool(tool(), args, {out.file(), err.file(), stop});
    return {exit, out.text(), err.text()};
}

inline std::string record(const std::vector<std::string_view>& args) {
    Buffer out;
    aof::append_record(out, args);
    return std::string(out.view());
}

// What is in a log after its SETs and DELs, "db/key" to value; only what a server would replay.
using Data = std::map<std::string, std::string>;

inline void replay_file(const std::string& bytes, Data& data) {
    uint64_t keep = UINT64_MAX;
    std::string db = "0";
    // Twice: only then it is known what counts.
    for (const bool applies : {false, true}) {
        aof::MemorySource source(bytes);
        aof::LogWalk walk(source, {0, false, aof::Hold::kWhole, false});
        while (true) {
            const auto item = walk.next();
            if (!item || item->kind == aof::ItemKind::kEnd || item->offset >= keep) break;
            if (applies && item->kind == aof::ItemKind::kRecord) {
                const auto args = walk.args_of(*item);
                if (same_word(args[0], "select")) db = args[1];
                const std::string key = args.size() > 1 ? db + "/" + std::string(args[1]) : "";
                if (same_word(args[0], "set")) data[key] = args[2];
                if (same_word(args[0], "del")) data.erase(key);
                if (same_word(args[0], "flushall")) data.clear();
            }
            walk.release();
        }
        keep = walk.ending().keep;
    }
}

// A folder with a log of these increments, without a base; returns the folder's path.
inline std::string make_log(const TempFolder& dir, const std::vector<std::string>& increments,
                            bool seals = false) {
    const std::string folder = dir / "appendonlydir";
    std::filesystem::create_directory(folder);
    std::string manifest;
    for (size_t i = 0; i < increments.size(); ++i) {
        const std::string name = "appendonly.aof." + std::to_string(i + 1) + ".incr.aof";
        write_text_file(folder + "/" + name, increments[i]);
        manifest += "file " + name + " seq " + std::to_string(i + 1) + " type i" +
                    (seals ? " seals 1" : "") + "\n";
    }
    write_text_file(folder + "/appendonly.aof.manifest", manifest);
    return folder;
}

inline std::string increment(const std::string& folder, int seq) {
    return read_text_file(folder + "/appendonly.aof." + std::to_string(seq) + ".incr.aof");
}

}  // namespace tidemark::aof_check
