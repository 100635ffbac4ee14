#include "tests/rdb_modes/world.h"

#include <filesystem>

#include "tests/rdb/redis_data.h"

namespace tidemark::rdb_check {

using support::Client;
using support::ServerKind;
using support::ServerProcess;

namespace {

std::unique_ptr<World> make_world() {
    auto made = std::make_unique<World>();
    const support::TempFolder data;
    const auto server = support::start_server(ServerKind::kRedis, data.path(), {"--save", ""});
    Client client = server->connect();
    rdb::fill_every_encoding(client);
    made->view = rdb::view_of(client);
    made->functions = rdb::functions_of(client);
    made->dump = made->folder / "world.rdb";
    save_to(*server, data.path(), made->dump);
    return made;
}

}  // namespace

const World& world() {
    static const std::unique_ptr<World> made = make_world();
    return *made;
}

tools::ToolRun run_tool(int exit, const std::vector<std::string>& args) {
    tools::ToolRun run = tools::run_rdb_check(args);
    INFO(run.out);
    INFO(run.err);
    for (const std::string& arg : args) INFO(arg);
    CHECK(run.exit == exit);
    return run;
}

std::unique_ptr<ServerProcess> serve_file(const std::string& folder, const std::string& path) {
    return rdb::serve(folder, support::read_text_file(path));
}

void check_same_world(ServerProcess& server) {
    Client client = server.connect();
    CHECK(rdb::difference(world().view, rdb::view_of(client)) == "");
    CHECK(rdb::functions_of(client) == world().functions);
}

void save_to(ServerProcess& server, const std::string& folder, const std::string& path) {
    Client client = server.connect();
    REQUIRE(client.cmd({"SAVE"}).ok());
    support::write_text_file(path, support::read_text_file(folder + "/dump.rdb"));
}

bool exists(const std::string& path) {
    return std::filesystem::exists(path);
}

}  // namespace tidemark::rdb_check
