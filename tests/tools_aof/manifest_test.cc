// Damaged manifests over files that are whole: what fix and salvage make of them.
#include <doctest/doctest.h>

#include "aof/codec/manifest.h"
#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

// A base and two increments, a key in each.
std::string make_parts(const TempFolder& dir) {
    const std::string folder = dir / "appendonlydir";
    fs::create_directory(folder);
    const auto put = [&](const char* name, const char* key) {
        write_text_file(folder + "/appendonly.aof." + name,
                        record({"SELECT", "0"}) + record({"SET", key, "1"}));
    };
    put("2.base.aof", "base");
    put("2.incr.aof", "two");
    put("3.incr.aof", "three");
    return folder;
}

const std::string kBase = "file appendonly.aof.2.base.aof seq 2 type b\n";
const std::string kTwo = "file appendonly.aof.2.incr.aof seq 2 type i\n";
const std::string kThree = "file appendonly.aof.3.incr.aof seq 3 type i\n";

struct DamagedManifest {
    const char* what;
    std::string text;
    int exit = 4;
    size_t keys = 3;
};

const DamagedManifest kDamaged[] = {
    {"empty", ""},
    {"only comments", "# nothing\n# here\n"},
    {"one word", "file a"},
    {"NUL bytes", std::string(132, '\0')},
    {"a line with too many pairs", kBase + "file appendonly.aof.2.incr.aof seq 2 type i x " +
                                       std::string(1100, 'y') + "\n" + kThree},
    {"a long comment", kBase + "# " + std::string(1100, 'y') + "\n" + kTwo + kThree},
    {"a type that the name denies",
     kBase + "file appendonly.aof.2.incr.aof seq 2 type b\n" + kThree},
    {"a seq that the name denies", kBase + kTwo + "file appendonly.aof.3.incr.aof seq 1 type i\n"},
    {"cut off in its second line", kBase + kTwo.substr(0, 20)},
    {"a stray quote", kBase + "\"" + kTwo + kThree},
    {"it names itself", kBase + kTwo + "file appendonly.aof.manifest seq 3 type i\n"},
    {"a NUL in a word", kBase + kTwo + kThree.substr(0, kThree.size() - 1) + " \"x\\x00y\" 1\n"},
    {"the base as an increment too", kBase + kTwo + kThree + kBase},
    {"a line of garbage", kBase + kTwo + kThree + "garbage\n", 5},
    {"a file that is not there",
     kBase + kTwo + "file appendonly.aof.4.incr.aof seq 4 ty\"e i\n" + "\"\n", 5},
};

// What the files that the manifest names hold, one behind the other.
Data data_of_folder(const std::string& folder) {
    std::vector<aof::ManifestProblem> problems;
    const auto manifest =
        aof::parse_manifest(read_text_file(folder + "/appendonly.aof.manifest"), problems);
    CHECK(problems.empty());
    Data data;
    if (manifest.base) replay_file(read_text_file(folder + "/" + manifest.base->file), data);
    for (const aof::ManifestEntry& entry : manifest.increments)
        replay_file(read_text_file(folder + "/" + entry.file), data);
    return data;
}

}  // namespace

TEST_CASE("tools_aof/manifest: what is damaged in it only costs none of the files") {
    for (const DamagedManifest& damaged : kDamaged) {
        CAPTURE(damaged.what);
        const TempFolder dir;
        const std::string folder = make_parts(dir);
        const std::string manifest = folder + "/appendonly.aof.manifest";
        write_text_file(manifest, damaged.text);
        CHECK(run_aof_check({manifest}).exit == 1);
        for (const char* mode : {"fix", "salvage"}) {
            const std::string out = dir / mode;
            const ToolRun run = run_aof_check({mode, manifest, "-o", out});
            CAPTURE(run.out);
            REQUIRE(run.exit == damaged.exit);
            CHECK(data_of_folder(out).size() == damaged.keys);
            CHECK(run_aof_check({out}).exit == 0);
        }
    }
}

TEST_CASE("tools_aof/manifest: redis-server takes one that was made of nothing") {
    const TempFolder dir;
    const std::string folder = make_parts(dir);
    write_text_file(folder + "/appendonly.aof.manifest", "");
    CHECK(run_aof_check({"fix", "--in-place", dir.path()}).exit == 4);
    auto redis = support::start_server(ServerKind::kRedis, dir.path(), {"--appendonly", "yes"});
    CHECK(redis->connect().cmd({"DBSIZE"}).integer == 3);
}

TEST_CASE("tools_aof/manifest: which of two bases a lost line named is asked, not guessed") {
    const TempFolder dir;
    const std::string folder = make_parts(dir);
    fs::copy_file(folder + "/appendonly.aof.2.base.aof", folder + "/appendonly.aof.3.base.aof");
    const std::string manifest = folder + "/appendonly.aof.manifest";
    write_text_file(manifest, "");
    for (const char* mode : {"fix", "salvage"}) {
        const ToolRun run = run_aof_check({mode, "--in-place", manifest});
        CHECK(run.exit == 1);
        CHECK(run.says("aof-check rebuild-manifest --in-place " + manifest));
    }
    // A line that is left says it.
    write_text_file(manifest, kBase + kTwo.substr(0, 20));
    CHECK(run_aof_check({"fix", "--in-place", manifest}).exit == 4);
    CHECK(data_of_folder(folder).size() == 3);
}

TEST_CASE("tools_aof/manifest: an increment from before the base stays out") {
    const TempFolder dir;
    const std::string folder = make_parts(dir);
    write_text_file(folder + "/appendonly.aof.1.incr.aof",
                    record({"SELECT", "0"}) + record({"SET", "one", "1"}));
    write_text_file(folder + "/appendonly.aof.manifest", "");
    CHECK(run_aof_check({"fix", "--in-place", dir.path()}).exit == 4);
    CHECK(data_of_folder(folder).size() == 3);
}

TEST_CASE("tools_aof/manifest: a file that is missing behind a lost line is a loss") {
    const TempFolder dir;
    const std::string folder = make_parts(dir);
    write_text_file(folder + "/appendonly.aof.5.incr.aof", record({"SELECT", "0"}));
    write_text_file(folder + "/appendonly.aof.manifest", kBase + kTwo + "\"");
    const ToolRun run = run_aof_check({"fix", "--in-place", dir.path()});
    CHECK(run.exit == 5);
    CHECK(run.says("no file with a seq between"));
}

TEST_CASE("tools_aof/chain: a link to itself in a folder is passed over") {
    const TempFolder dir;
    make_log(dir, {record({"SELECT", "0"}) + record({"SET", "a", "1"})});
    fs::create_symlink("self", dir / "self");
    CHECK(run_aof_check({dir.path()}).exit == 0);
    fs::create_symlink("self", dir / "appendonlydir/self");
    CHECK(run_aof_check({dir / "appendonlydir"}).exit == 0);
    CHECK(run_aof_check({dir / "self"}).exit == 3);
}

}  // namespace tidemark::aof_check
