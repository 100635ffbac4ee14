// A sealed log into which bytes were put, or from which some were taken: its later seals are whole,
// and stand elsewhere than they say.
#include <doctest/doctest.h>

#include "aof/codec/annotation.h"
#include "aof/group_buffer.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;

// Six groups of a key each, and the seal of a clean stop.
std::string six_groups(const std::string& value = "v") {
    aof::GroupBuffer groups(0);
    for (const char* key : {"a", "b", "c", "d", "e", "f"}) {
        const std::vector<std::string_view> args = {"SET", key, value};
        groups.append({0, args, {}});
        groups.close_group(0, 0);
    }
    std::string file(groups.segment(0));
    std::string seal(aof::kSealBytes, '\0');
    aof::write_seal(seal.data(), file.size(), file.size(), {});
    return file + seal;
}

ToolRun salvaged(const TempFolder& dir, const std::string& bytes, Data& data) {
    write_text_file(dir / "log", bytes);
    fs::remove(dir / "out");
    const ToolRun run = run_aof_check({"salvage", dir / "log", "-o", dir / "out"});
    data.clear();
    replay_file(read_text_file(dir / "out"), data);
    return run;
}

}  // namespace

TEST_CASE("tools_aof/shift: bytes put into a sealed log cost a key at most") {
    const TempFolder dir;
    const std::string log = six_groups();
    for (size_t at = 0; at < log.size(); at += 3) {
        for (const char* more : {"#x\r\n", "\n", "some bytes that are no record"}) {
            CAPTURE(at);
            CAPTURE(more);
            std::string wrong = log;
            wrong.insert(at, more);
            Data data;
            const ToolRun run = salvaged(dir, wrong, data);
            CAPTURE(run.out);
            // In front of the first seal it is no sealed log any more.
            if (at == 0) continue;
            // In the last seal nothing is left that vouches for bytes behind them.
            CHECK(run.exit == (at > log.size() - aof::kSealBytes ? 4 : 5));
            CHECK(data.size() >= 5);
            CHECK(run_aof_check({dir / "out"}).exit == 0);
        }
    }
}

TEST_CASE("tools_aof/shift: bytes taken out of one cost a key at most") {
    const TempFolder dir;
    const std::string log = six_groups();
    for (size_t at = aof::kSealBytes; at + 8 < log.size() - aof::kSealBytes; at += 3) {
        CAPTURE(at);
        std::string wrong = log;
        wrong.erase(at, 4);
        Data data;
        const ToolRun run = salvaged(dir, wrong, data);
        CAPTURE(run.out);
        CHECK(run.exit == 5);
        CHECK(data.size() >= 4);  // of a cut at a piece's edge, that of two
    }
}

TEST_CASE("tools_aof/shift: check says what happened, and that salvage keeps the rest") {
    const TempFolder dir;
    std::string log = six_groups();
    log.insert(log.find("*3\r\n$3\r\nSET\r\n$1\r\nc"), "#x\r\n");
    const std::string folder = make_log(dir, {log}, true);
    const ToolRun run = run_aof_check({folder});
    CHECK(run.exit == 1);
    CHECK(run.says("bytes in front of it were put in or taken out"));
    CHECK(run.says("aof-check salvage " + folder + " also keeps"));
}

TEST_CASE("tools_aof/shift: the text of a log in a value is not taken for the log") {
    const TempFolder dir;
    std::string log = six_groups(six_groups());
    // A torn last group: its value holds whole seals.
    log.resize(log.size() - aof::kSealBytes - 1);
    const std::string folder = make_log(dir, {log}, true);
    const ToolRun run = run_aof_check({folder});
    CHECK(run.says("a server starts without the last"));
    CHECK(run_aof_check({"fix", folder}).exit == 4);
}

}  // namespace tidemark::aof_check
