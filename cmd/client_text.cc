#include "cmd/client_text.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "cmd/command_table.h"

namespace tidemark::cmd {

namespace {

// One letter for each thing that is special about it, in Redis's order.
std::string flags_of(const Session& session) {
    std::string flags;
    if (session.multi.open) flags += 'x';
    if (session.watcher.dirty) flags += 'd';
    if (session.close_after_reply) flags += 'c';
    if (session.is_unix_socket) flags += 'U';
    if (session.no_evict) flags += 'e';
    if (session.no_touch) flags += 'T';
    return flags.empty() ? "N" : flags;
}

}  // namespace

std::string client_line(const ClientView& view, const ServerControl& server) {
    const Session& session = *view.session;
    int64_t now_us = server.monotonic_us();
    int64_t queued =
        session.multi.open ? static_cast<int64_t>(session.multi.queue.size()) : int64_t{-1};
    std::string_view last_command = session.last_command == nullptr
                                        ? "NULL"
                                        : server.commands().lower_name(*session.last_command);
    // What Redis splits into a fixed buffer and a list is one buffer here: obl has all of it.
    return fmt::format(
        "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub=0 psub=0 ssub=0 "
        "multi={} watch={} qbuf={} qbuf-free={} argv-mem=0 multi-mem={} rbs=0 rbp=0 obl={} oll=0 "
        "omem=0 tot-mem={} events={} cmd={} user={} redir=-1 resp={} lib-name={} lib-ver={}\n",
        session.id, session.address, session.local_address, session.fd, session.name,
        (now_us - session.created_us) / kMicrosPerSecond,
        (now_us - session.last_active_us) / kMicrosPerSecond, flags_of(session), session.db, queued,
        session.watcher.keys.size(), view.query_buffer_bytes, view.query_buffer_free_bytes,
        session.multi.queued_bytes, view.output_bytes, view.total_bytes, view.events, last_command,
        "default", static_cast<int>(session.protocol), session.lib_name, session.lib_version);
}

}  // namespace tidemark::cmd
