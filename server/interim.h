// Stands in for the configuration store and the statistics until they are wired in.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "resp/reply.h"
#include "server/directive.h"

namespace tidemark::server {

struct Stats {
    explicit Stats(size_t) {}
    void count_call(uint16_t, uint32_t) {}
    void count_rejected(uint16_t) {}
    void count_error(std::string_view) {}
    void note_turn(int64_t) {}
    void sample(int64_t, uint64_t, uint64_t) {}
    void reset() {}
    uint64_t query_buffer_limit_disconnections = 0;
    uint64_t rejected_connections = 0;
    uint64_t total_connections_received = 0;
    uint64_t loading_done_bytes = 0;
    uint64_t loading_total_bytes = 0;
};

struct ConfigFile {
    explicit ConfigFile(Config& c) : config(c) {}
    void get(std::span<const std::string_view> patterns, resp::Reply& reply) {
        reply.map(patterns.size());
        for (const auto name : patterns) {
            reply.bulk(name);
            const Directive* directive = find_directive(name);
            reply.bulk(directive == nullptr ? "" : show_directive(*directive, config));
        }
    }
    void set(std::span<const std::string_view> pairs, resp::Reply& reply) {
        for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
            const std::vector<std::string> words{std::string(pairs[i + 1])};
            const Directive* directive = find_directive(pairs[i]);
            if (directive == nullptr || set_directive(*directive, config, words)) {
                return reply.error("ERR CONFIG SET failed");
            }
            if (observer) observer(pairs[i]);
        }
        reply.ok();
    }
    void rewrite(resp::Reply& reply) { reply.ok(); }
    void set_observer(std::function<void(std::string_view)> o) { observer = std::move(o); }
    Config& config;
    std::function<void(std::string_view)> observer;
};

}  // namespace tidemark::server
