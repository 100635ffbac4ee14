// The kinds of clients that CLIENT LIST TYPE and CLIENT KILL TYPE tell apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cmd/parse_option.h"
#include "cmd/session.h"

namespace tidemark::cmd {

enum class ClientType : uint8_t { kNormal, kMaster, kReplica, kPubsub };

inline std::optional<ClientType> parse_client_type(std::string_view word) {
    if (is_option(word, "NORMAL")) return ClientType::kNormal;
    if (is_option(word, "SLAVE") || is_option(word, "REPLICA")) return ClientType::kReplica;
    if (is_option(word, "PUBSUB")) return ClientType::kPubsub;
    if (is_option(word, "MASTER")) return ClientType::kMaster;
    return std::nullopt;
}

// Only normal clients exist until replication and pub/sub do.
inline ClientType client_type(const Session&) {
    return ClientType::kNormal;
}

}  // namespace tidemark::cmd
