// The settings of a running server: CONFIG GET, SET and REWRITE.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/disk.h"
#include "resp/reply.h"
#include "server/config.h"
#include "server/directive.h"

namespace tidemark::server {

class ConfigStore {
public:
    // `file`: what CONFIG REWRITE writes to; empty: nothing.
    ConfigStore(Config config, std::string file)
        : config_(std::move(config)), file_(std::move(file)) {}

    // Stays where it is; its fields change only inside set().
    const Config& config() const { return config_; }
    const std::string& file() const { return file_; }

    // Called for each setting that CONFIG SET changed, when config() has the new values already.
    // A text refuses: everything is set back, with another call for what was applied before.
    using Apply = std::function<Refusal(std::string_view name)>;
    void on_change(Apply apply) { apply_ = std::move(apply); }

    void get(std::span<const std::string_view> patterns, resp::Reply& reply) const;
    // Names and values in turn. All of them or none.
    void set(std::span<const std::string_view> pairs, resp::Reply& reply);
    void rewrite(io::Disk& disk, resp::Reply& reply) const;

private:
    struct Pair {
        const Directive* directive;
        std::string_view value;
    };

    // The error, or nothing.
    Refusal parse(std::span<const std::string_view> pairs, std::vector<Pair>& changes,
                  Config& next) const;
    Refusal apply(const std::vector<Pair>& changes, Config next);

    Config config_;
    std::string file_;
    Apply apply_;
};

}  // namespace tidemark::server
