// Rows 5 and 6: resident memory of the server's process, before and after. The kernel's own memory
// (socket buffers, page cache) is not in it.
#include <fmt/format.h>

#include <array>

#include "bench/rows.h"

namespace tidemark::bench {

namespace {

constexpr uint32_t kMemoryValueBytes = 32;
constexpr uint32_t kFarExpireSeconds = 1'000'000;
constexpr double kKeyTarget = 84;
constexpr double kExpiringKeyTarget = 100;
constexpr double kConnectionTarget = 2048;

// Redis goes on rehashing in its cron after a load, and trims the buffers of clients that have been
// idle for seconds: what is measured is what stays.
constexpr int kSettleMs = 1'500;
constexpr int kIdleSettleMs = 8'000;
constexpr int kQuickSettleMs = 300;

Status settle(Arena& arena, int ms) {
    if (arena.stop().sleep_ms(arena.options().quick ? kQuickSettleMs : ms)) {
        return fail(ErrorCode::kIo, "interrupted");
    }
    return {};
}

// Lets the server use its input and output buffers once, on a single key: they do not grow with the
// keys and would be counted as theirs.
Status touch_buffers(Arena& arena, ServerProcess& server) {
    Lane lane;
    lane.connections = 16;
    lane.pipeline = 64;
    lane.keys = {0, 1};
    lane.requests = 20'000;
    auto generator = TM_TRY(arena.connect(server, {lane}));
    TM_CHECK(arena.run(*generator, 0));
    return {};
}

// RSS a key at each of the sizes, which grow in one server.
Result<std::vector<double>> bytes_a_key(Arena& arena, Side side, uint32_t expire_s) {
    auto server = TM_TRY(arena.start(side, Persistence::kNone));
    TM_CHECK(touch_buffers(arena, *server));
    const auto empty = static_cast<double>(TM_TRY(server->rss_bytes()));
    std::vector<double> figures;
    uint64_t loaded = 0;
    for (const uint64_t size : arena.options().memory_keys) {
        Lane lane;
        lane.keys = {loaded, size - loaded};
        lane.value_bytes = kMemoryValueBytes;
        lane.expire_s = expire_s;
        TM_CHECK(arena.load_keys(*server, lane));
        loaded = size;
        TM_CHECK(settle(arena, kSettleMs));
        const auto full = static_cast<double>(TM_TRY(server->rss_bytes()));
        figures.push_back((full - empty) / static_cast<double>(size));
    }
    return figures;
}

std::string byte_text(double bytes) {
    return fmt::format("{:.1f} B", bytes);
}

// RSS a connection: connected, and after one PING and a rest.
struct IdleBytes {
    double connected;
    double rested;
};

Result<IdleBytes> idle_bytes(Arena& arena, Side side) {
    const int clients = arena.options().idle_clients;
    ServerSetup setup = arena.setup(side, Persistence::kNone, TM_TRY(arena.folder(side)));
    constexpr int kSpareClients = 100;
    setup.clients_max = clients + kSpareClients;
    auto server = TM_TRY(arena.start(setup));
    const auto before = static_cast<double>(TM_TRY(server->rss_bytes()));
    Lane lane;
    lane.verb = Verb::kPing;
    lane.connections = clients;
    lane.requests = static_cast<uint64_t>(clients);
    auto generator = TM_TRY(arena.connect(*server, {lane}));
    // Answered after everything that connected before it.
    (void)TM_TRY(server->ask({"PING"}));
    const auto connected = static_cast<double>(TM_TRY(server->rss_bytes()));
    TM_CHECK(arena.run(*generator, 0));
    TM_CHECK(settle(arena, kIdleSettleMs));
    const auto rested = static_cast<double>(TM_TRY(server->rss_bytes()));
    return IdleBytes{(connected - before) / clients, (rested - before) / clients};
}

}  // namespace

Status row_memory(Arena& arena, int row) {
    for (const uint32_t expire_s : {uint32_t{0}, kFarExpireSeconds}) {
        const auto ours = TM_TRY(bytes_a_key(arena, Side::kOurs, expire_s));
        const auto peer = TM_TRY(bytes_a_key(arena, Side::kPeer, expire_s));
        const double target = expire_s == 0 ? kKeyTarget : kExpiringKeyTarget;
        for (size_t i = 0; i < ours.size(); i++) {
            const double size = static_cast<double>(arena.options().memory_keys[i]);
            arena.report().add(
                Figure{row,
                       fmt::format("RSS a key, {} keys, {} expiry", short_number(size),
                                   expire_s == 0 ? "no" : "with"),
                       byte_text(ours[i]), byte_text(peer[i]), ours[i], " B",
                       Target{Bound::kAtMost, target}});
        }
    }
    return {};
}

Status row_idle(Arena& arena, int row) {
    const IdleBytes ours = TM_TRY(idle_bytes(arena, Side::kOurs));
    const IdleBytes peer = TM_TRY(idle_bytes(arena, Side::kPeer));
    const int clients = arena.options().idle_clients;
    const Target target{Bound::kAtMost, kConnectionTarget};
    arena.report().add(Figure{row, fmt::format("RSS a connection, {}, just connected", clients),
                              byte_text(ours.connected), byte_text(peer.connected), ours.connected,
                              " B", target});
    arena.report().add(Figure{row, fmt::format("RSS a connection, {}, after a PING", clients),
                              byte_text(ours.rested), byte_text(peer.rested), ours.rested, " B",
                              target});
    return {};
}

}  // namespace tidemark::bench
