// Settings that a stock redis.conf contains and that have no meaning here yet. A row accepts the
// values that ask for nothing we do not do; everything else is refused, because a server that
// silently drops a wish about durability or safety has already lied.
#include "base/ascii.h"
#include "base/quoted_words.h"
#include "server/directive.h"

namespace tidemark::server {

namespace {

constexpr std::string_view kNoSnapshots = "there are no snapshots yet";
constexpr std::string_view kNoReplicas = "there are no replicas yet";
constexpr std::string_view kNoRewrite = "there is no log rewrite yet";
constexpr std::string_view kStringsOnly = "only strings exist yet";
constexpr std::string_view kNoEffect = "it tunes something that works differently here";

constexpr IgnoredDirective kIgnored[] = {
    // What asks for nothing while the feature is missing.
    {"stop-writes-on-bgsave-error", "*", kNoSnapshots},
    {"rdbcompression", "*", kNoSnapshots},
    {"rdbchecksum", "*", kNoSnapshots},
    {"dbfilename", "*", kNoSnapshots},
    {"rdb-del-sync-files", "*", kNoSnapshots},
    {"rdb-save-incremental-fsync", "*", kNoSnapshots},
    {"sanitize-dump-payload", "*", kNoSnapshots},
    {"no-appendfsync-on-rewrite", "*", kNoRewrite},
    {"auto-aof-rewrite-percentage", "*", kNoRewrite},
    {"auto-aof-rewrite-min-size", "*", kNoRewrite},
    {"aof-use-rdb-preamble", "*", kNoRewrite},
    {"aof-rewrite-incremental-fsync", "*", kNoRewrite},
    {"replica-serve-stale-data", "*", kNoReplicas},
    {"replica-read-only", "*", kNoReplicas},
    {"replica-priority", "*", kNoReplicas},
    {"replica-lazy-flush", "*", kNoReplicas},
    {"replica-ignore-maxmemory", "*", kNoReplicas},
    {"repl-diskless-sync", "*", kNoReplicas},
    {"repl-diskless-sync-delay", "*", kNoReplicas},
    {"repl-diskless-sync-max-replicas", "*", kNoReplicas},
    {"repl-diskless-load", "*", kNoReplicas},
    {"repl-disable-tcp-nodelay", "*", kNoReplicas},
    {"repl-backlog-size", "*", kNoReplicas},
    {"repl-backlog-ttl", "*", kNoReplicas},
    {"repl-timeout", "*", kNoReplicas},
    // Writes would have to wait for replicas: only "none" can be kept.
    {"min-replicas-to-write", "0", kNoReplicas},
    {"hash-max-listpack-entries", "*", kStringsOnly},
    {"hash-max-listpack-value", "*", kStringsOnly},
    {"hash-max-ziplist-entries", "*", kStringsOnly},
    {"hash-max-ziplist-value", "*", kStringsOnly},
    {"list-max-listpack-size", "*", kStringsOnly},
    {"list-max-ziplist-size", "*", kStringsOnly},
    {"list-compress-depth", "*", kStringsOnly},
    {"set-max-intset-entries", "*", kStringsOnly},
    {"set-max-listpack-entries", "*", kStringsOnly},
    {"set-max-listpack-value", "*", kStringsOnly},
    {"zset-max-listpack-entries", "*", kStringsOnly},
    {"zset-max-listpack-value", "*", kStringsOnly},
    {"zset-max-ziplist-entries", "*", kStringsOnly},
    {"zset-max-ziplist-value", "*", kStringsOnly},
    {"hll-sparse-max-bytes", "*", kStringsOnly},
    {"stream-node-max-bytes", "*", kStringsOnly},
    {"stream-node-max-entries", "*", kStringsOnly},
    // Tuning of machinery that is not there; nothing that a client can see depends on it.
    {"activerehashing", "*", "the table grows in bounded steps"},
    {"dynamic-hz", "*", kNoEffect},
    {"jemalloc-bg-thread", "*", "the allocator is mimalloc"},
    {"disable-thp", "*", kNoEffect},
    {"lazyfree-lazy-eviction", "*", kNoEffect},
    {"lazyfree-lazy-expire", "*", kNoEffect},
    {"lazyfree-lazy-server-del", "*", kNoEffect},
    {"lazyfree-lazy-user-del", "*", kNoEffect},
    {"lazyfree-lazy-user-flush", "*", kNoEffect},
    {"set-proc-title", "*", "the process title is left alone"},
    {"proc-title-template", "*", "the process title is left alone"},
    {"always-show-logo", "no", "there is no logo"},
    {"acllog-max-len", "*", "there are no ACL users yet"},
    {"slowlog-log-slower-than", "*", "there is no slow log yet"},
    {"slowlog-max-len", "*", "there is no slow log yet"},
    {"maxmemory-samples", "*", "nothing is evicted yet"},
    {"io-threads", "1", "one thread owns the keyspace"},
    {"io-threads-do-reads", "no", "one thread owns the keyspace"},
    // Features that are missing: only "off" can be kept.
    {"activedefrag", "no", "there is no defragmentation yet"},
    {"cluster-enabled", "no", "there is no cluster mode yet"},
    {"enable-module-command", "no", "there are no modules"},
    {"enable-protected-configs", "no", "protected settings are changed in the file"},
    {"latency-monitor-threshold", "0", "there is no latency monitor yet"},
    {"notify-keyspace-events", "", "there are no keyspace notifications yet"},
    {"oom-score-adj", "no", "the score is left alone"},
    {"oom-score-adj-values", "*", "the score is left alone"},
    {"syslog-enabled", "no", "the log goes to stdout or a file"},
    {"tls-port", "0", "there is no TLS yet"},
};

}  // namespace

const IgnoredDirective* find_ignored_directive(std::string_view name) {
    for (const IgnoredDirective& row : kIgnored) {
        if (same_word(row.name, name)) return &row;
    }
    return nullptr;
}

bool accepts(const IgnoredDirective& ignored, Words words) {
    if (ignored.value == "*") return true;
    return words.size() == 1 && same_word(words[0], ignored.value);
}

}  // namespace tidemark::server
