#include "bench/arena.h"

#include <fmt/format.h>

namespace tidemark::bench {

namespace {

const char* name_of(Side side) {
    return side == Side::kOurs ? "ours" : "redis";
}

}  // namespace

Lane table_lane(const Options& options, Verb verb, int pipeline) {
    Lane lane;
    lane.verb = verb;
    lane.connections = options.clients;
    lane.pipeline = pipeline;
    lane.keys = {0, options.keys};
    lane.value_bytes = options.value_bytes;
    return lane;
}

Result<std::string> Arena::folder(Side side) {
    return scratch().subfolder(name_of(side));
}

ServerSetup Arena::setup(Side side, Persistence persistence, std::string folder) const {
    const bool ours = side == Side::kOurs;
    return Stage::setup({name_of(side), ours ? options_.ours : options_.peer,
                         ours ? options_.ours_arguments : options_.peer_arguments},
                        persistence, std::move(folder));
}

Result<std::unique_ptr<ServerProcess>> Arena::start(Side side, Persistence persistence) {
    return start(setup(side, persistence, TM_TRY(folder(side))));
}

Status Arena::load_keys(ServerProcess& server, const Lane& what) {
    TM_CHECK(set_all(server, what));
    const auto size = TM_TRY(server.ask({"DBSIZE"}));
    const std::string expected = fmt::to_string(what.keys.first + what.keys.count);
    if (size == expected) return {};
    return fail(ErrorCode::kInvalid,
                fmt::format("{} has {} keys where {} were set", server.name(), size, expected));
}

}  // namespace tidemark::bench
