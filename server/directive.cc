#include "server/directive.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/number.h"
#include "base/quoted_words.h"

namespace tidemark::server {

namespace {

constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMaxUint = std::numeric_limits<uint32_t>::max();
constexpr int64_t kMaxLong = std::numeric_limits<int64_t>::max();
// Redis's floor for proto-max-bulk-len and client-query-buffer-limit.
constexpr int64_t kMinBufferLimit = 1024 * 1024;
// Longer, and the processor is better slept on.
constexpr int64_t kMaxBusyPollUs = 10'000;
// The log's window; beyond this a crash leaves more to scan than the flush it saves is worth.
constexpr int64_t kMaxPrefill = 64LL << 20;
constexpr int64_t kMinHz = 1;
constexpr int64_t kMaxHz = 500;
constexpr int64_t kMinUnwritten = 1024 * 1024;

constexpr Choice kAppendFsync[] = {{"everysec", static_cast<int>(AppendFsync::kEverySecond)},
                                   {"always", static_cast<int>(AppendFsync::kAlways)},
                                   {"no", static_cast<int>(AppendFsync::kNo)}};
constexpr Choice kLogLevel[] = {{"debug", static_cast<int>(LogLevel::kDebug)},
                                {"verbose", static_cast<int>(LogLevel::kVerbose)},
                                {"notice", static_cast<int>(LogLevel::kNotice)},
                                {"warning", static_cast<int>(LogLevel::kWarning)},
                                {"nothing", static_cast<int>(LogLevel::kNothing)}};
constexpr Choice kSupervised[] = {{"systemd", static_cast<int>(Supervised::kSystemd)},
                                  {"auto", static_cast<int>(Supervised::kAuto)},
                                  {"no", static_cast<int>(Supervised::kNo)}};
constexpr Choice kMaxmemoryPolicy[] = {
    {"noeviction", static_cast<int>(MaxmemoryPolicy::kNoEviction)}};
constexpr Choice kDebugCommand[] = {{"no", static_cast<int>(DebugCommand::kNo)},
                                    {"yes", static_cast<int>(DebugCommand::kYes)},
                                    {"local", static_cast<int>(DebugCommand::kLocal)}};
constexpr std::string_view kClientClassNames[kClientClasses] = {"normal", "slave", "pubsub"};

template <auto Field>
constexpr ChoiceKind choice(std::span<const Choice> choices) {
    return {choices, [](const Config& config) { return static_cast<int>(config.*Field); },
            [](Config& config, int value) {
                using Enum = std::remove_reference_t<decltype(config.*Field)>;
                config.*Field = static_cast<Enum>(value);
            }};
}

template <class Parts>
std::string join(const Parts& parts, std::string_view between) {
    std::string text;
    for (std::string_view part : parts) {
        if (!text.empty()) text += between;
        text += part;
    }
    return text;
}

Refusal check_file_name(std::string_view value) {
    if (value.empty()) return "must not be empty";
    if (value.find('/') != std::string_view::npos) return "can't be a path, just a filename";
    return std::nullopt;
}

Refusal set_bind(Config& config, Words words) {
    // `bind ""` leaves no TCP listener, as Redis has it.
    config.bind.clear();
    for (const std::string& word : words) {
        if (!word.empty()) config.bind.push_back(word);
    }
    return std::nullopt;
}

std::string show_bind(const Config& config) {
    return join(config.bind, " ");
}

// Out of range is not refused but clamped, as Redis does.
Refusal set_hz(Config& config, Words words) {
    std::optional<int64_t> value = words.size() == 1 ? parse_int64(words[0]) : std::nullopt;
    if (!value) return "argument couldn't be parsed into an integer";
    if (*value < 0 || *value > kMaxInt) {
        return fmt::format("argument must be between 0 and {} inclusive", kMaxInt);
    }
    config.hz = std::clamp(*value, kMinHz, kMaxHz);
    return std::nullopt;
}

std::string show_hz(const Config& config) {
    return fmt::format("{}", config.hz);
}

Refusal set_save(Config&, Words words) {
    if (words.size() == 1 && words[0].empty()) return std::nullopt;
    return "snapshots are not available yet: only \"\" is accepted, the append only file keeps the "
           "data";
}

std::string show_save(const Config& config) {
    return config.save;
}
std::vector<std::string> save_lines(const Config&) {
    return {"\"\""};
}

std::optional<size_t> client_class(std::string_view word) {
    if (same_word(word, "normal")) return 0;
    if (same_word(word, "slave") || same_word(word, "replica")) return 1;
    if (same_word(word, "pubsub")) return 2;
    return std::nullopt;
}

Refusal set_output_limits(Config& config, Words words) {
    if (words.size() % 4 != 0 || words.empty()) {
        return "Wrong number of arguments in buffer limit configuration.";
    }
    auto limits = config.client_output_buffer_limit;
    for (; !words.empty(); words = words.subspan(4)) {
        std::optional<size_t> which = client_class(words[0]);
        if (!which) return "Invalid client class specified in buffer limit configuration.";
        std::optional<int64_t> hard = parse_memory(words[1]);
        std::optional<int64_t> soft = parse_memory(words[2]);
        std::optional<int64_t> seconds = parse_int64(words[3]);
        if (!hard || !soft || !seconds || *seconds < 0) {
            return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
        }
        limits[*which] = {*hard, *soft, *seconds};
    }
    config.client_output_buffer_limit = limits;
    return std::nullopt;
}

std::vector<std::string> output_limit_lines(const Config& config) {
    std::vector<std::string> lines;
    for (size_t i = 0; i < kClientClasses; ++i) {
        const OutputLimit& limit = config.client_output_buffer_limit[i];
        lines.push_back(fmt::format("{} {} {} {}", kClientClassNames[i], limit.hard_bytes,
                                    limit.soft_bytes, limit.soft_seconds));
    }
    return lines;
}

std::string show_output_limits(const Config& config) {
    return join(output_limit_lines(config), " ");
}

Refusal set_percentiles(Config& config, Words words) {
    std::vector<double> percentiles;
    for (const std::string& word : words) {
        if (word.empty() && words.size() == 1) break;
        std::optional<double> value = parse_double(word);
        if (!value) return "Invalid latency-tracking-info-percentiles parameters";
        if (*value < 0 || *value > 100) {
            return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
        }
        percentiles.push_back(*value);
    }
    config.latency_percentiles = percentiles;
    return std::nullopt;
}

std::string show_percentiles(const Config& config) {
    std::string text;
    for (double value : config.latency_percentiles) {
        if (!text.empty()) text += ' ';
        text += format_double(value);
    }
    return text;
}

constexpr auto kAtStart = Change::kAtStart;

// Sorted by name. Those that can only be given at start: what they shape is built once.
constexpr Directive kDirectives[] = {
    {"aof-busy-poll-usec", IntKind{&Config::aof_busy_poll_us, 0, kMaxBusyPollUs}},
    {"aof-direct-writes", BoolKind{&Config::aof_direct_writes}, kAtStart},
    {"aof-inline-writes", BoolKind{&Config::aof_inline_writes}, kAtStart},
    {"aof-load-truncated", BoolKind{&Config::aof_load_truncated}},
    {"aof-max-unwritten-bytes",
     IntKind{&Config::aof_max_unwritten_bytes, kMinUnwritten, kMaxLong, Unit::kMemory}, kAtStart},
    {"aof-prefill-bytes", IntKind{&Config::aof_prefill_bytes, 0, kMaxPrefill, Unit::kMemory},
     kAtStart},
    {"aof-timestamp-enabled", BoolKind{&Config::aof_timestamp_enabled}},
    {"appenddirname", TextKind{&Config::appenddirname, check_file_name}, kAtStart},
    {"appendfilename", TextKind{&Config::appendfilename, check_file_name}, kAtStart},
    {"appendfsync", choice<&Config::appendfsync>(kAppendFsync)},
    // Turning it on needs a base of what is there now, which needs snapshots.
    {"appendonly", BoolKind{&Config::appendonly}, kAtStart},
    {"bind", CustomKind{set_bind, show_bind}, kAtStart},
    {"client-output-buffer-limit",
     CustomKind{set_output_limits, show_output_limits, output_limit_lines}},
    {"client-query-buffer-limit",
     IntKind{&Config::client_query_buffer_limit, kMinBufferLimit, kMaxLong, Unit::kMemory}},
    {"daemonize", BoolKind{&Config::daemonize}, kAtStart},
    {"databases", IntKind{&Config::databases, 1, kMaxInt}, kAtStart},
    {"dir", TextKind{&Config::dir}, Change::kProtected},
    {"enable-debug-command", choice<&Config::enable_debug_command>(kDebugCommand), kAtStart},
    {"hz", CustomKind{set_hz, show_hz, nullptr, Shape::kSingle}},
    {"latency-tracking", BoolKind{&Config::latency_tracking}},
    {"latency-tracking-info-percentiles", CustomKind{set_percentiles, show_percentiles}},
    {"logfile", TextKind{&Config::logfile}, kAtStart},
    {"loglevel", choice<&Config::loglevel>(kLogLevel)},
    {"maxclients", IntKind{&Config::maxclients, 1, kMaxUint}},
    {"maxmemory", IntKind{&Config::maxmemory, 0, kMaxLong, Unit::kMemory}},
    {"maxmemory-policy", choice<&Config::maxmemory_policy>(kMaxmemoryPolicy)},
    {"pidfile", TextKind{&Config::pidfile}, kAtStart},
    {"port", IntKind{&Config::port, 0, 65535}, kAtStart},
    {"protected-mode", BoolKind{&Config::protected_mode}},
    {"proto-max-bulk-len",
     IntKind{&Config::proto_max_bulk_len, kMinBufferLimit, kMaxLong, Unit::kMemory}},
    {"requirepass", TextKind{&Config::requirepass}},
    {"save", CustomKind{set_save, show_save, save_lines}},
    {"supervised", choice<&Config::supervised>(kSupervised), kAtStart},
    {"tcp-backlog", IntKind{&Config::tcp_backlog, 0, kMaxInt}, kAtStart},
    {"tcp-keepalive", IntKind{&Config::tcp_keepalive_s, 0, kMaxInt}},
    {"timeout", IntKind{&Config::timeout_s, 0, kMaxInt}},
    {"unixsocket", TextKind{&Config::unixsocket}, kAtStart},
    {"unixsocketperm", IntKind{&Config::unixsocketperm, 0, 0777, Unit::kOctal}, kAtStart},
};

struct Setter {
    Config& config;
    Words words;

    Refusal operator()(const BoolKind& kind) const {
        bool on = words.size() == 1 && same_word(words[0], "yes");
        if (!on && !(words.size() == 1 && same_word(words[0], "no"))) {
            return "argument must be 'yes' or 'no'";
        }
        config.*kind.field = on;
        return std::nullopt;
    }

    Refusal operator()(const IntKind& kind) const {
        if (words.size() != 1) return "wrong number of arguments";
        std::optional<int64_t> value;
        if (kind.unit == Unit::kMemory) {
            value = parse_memory(words[0]);
            if (!value) return "argument must be a memory value";
        } else if (kind.unit == Unit::kOctal) {
            value = parse_octal(words[0]);
            if (!value) return "argument couldn't be parsed as an octal number";
        } else {
            value = parse_int64(words[0]);
            if (!value) return "argument couldn't be parsed into an integer";
        }
        if (*value < kind.min || *value > kind.max) {
            return kind.unit == Unit::kOctal
                       ? fmt::format("argument must be between {:o} and {:o} inclusive", kind.min,
                                     kind.max)
                       : fmt::format("argument must be between {} and {} inclusive", kind.min,
                                     kind.max);
        }
        config.*kind.field = *value;
        return std::nullopt;
    }

    Refusal operator()(const TextKind& kind) const {
        if (words.size() != 1) return "wrong number of arguments";
        if (kind.check != nullptr) {
            if (Refusal refusal = kind.check(words[0])) return refusal;
        }
        config.*kind.field = words[0];
        return std::nullopt;
    }

    Refusal operator()(const ChoiceKind& kind) const {
        std::vector<std::string_view> accepted;
        for (const Choice& option : kind.choices) {
            if (words.size() == 1 && same_word(words[0], option.word)) {
                kind.set(config, option.value);
                return std::nullopt;
            }
            accepted.push_back(option.word);
        }
        return fmt::format("argument(s) must be one of the following: {}", join(accepted, ", "));
    }

    Refusal operator()(const CustomKind& kind) const { return kind.set(config, words); }

    static std::optional<int64_t> parse_octal(std::string_view text) {
        int64_t value = 0;
        const char* end = text.data() + text.size();
        auto [stop, error] = std::from_chars(text.data(), end, value, 8);
        if (error != std::errc{} || stop != end) return std::nullopt;
        return value;
    }
};

struct Shower {
    const Config& config;

    std::string operator()(const BoolKind& kind) const { return config.*kind.field ? "yes" : "no"; }
    std::string operator()(const IntKind& kind) const {
        return kind.unit == Unit::kOctal ? fmt::format("{:o}", config.*kind.field)
                                         : fmt::format("{}", config.*kind.field);
    }
    std::string operator()(const TextKind& kind) const { return config.*kind.field; }
    std::string operator()(const ChoiceKind& kind) const {
        int value = kind.get(config);
        for (const Choice& option : kind.choices) {
            if (option.value == value) return std::string(option.word);
        }
        return {};
    }
    std::string operator()(const CustomKind& kind) const { return kind.get(config); }
};

}  // namespace

std::span<const Directive> all_directives() {
    return kDirectives;
}

const Directive* find_directive(std::string_view name) {
    for (const Directive& directive : kDirectives) {
        if (same_word(directive.name, name)) return &directive;
    }
    return nullptr;
}

Refusal set_directive(const Directive& directive, Config& config, Words words) {
    return std::visit(Setter{config, words}, directive.kind);
}

std::string show_directive(const Directive& directive, const Config& config) {
    return std::visit(Shower{config}, directive.kind);
}

std::vector<std::string> directive_lines(const Directive& directive, const Config& config) {
    const auto* custom = std::get_if<CustomKind>(&directive.kind);
    std::vector<std::string> values;
    if (custom != nullptr && custom->lines != nullptr) {
        values = custom->lines(config);
    } else if (custom != nullptr && !custom->get(config).empty()) {
        values = {custom->get(config)};
    } else {
        values = {quote_word(show_directive(directive, config))};
    }
    for (std::string& value : values) value = fmt::format("{} {}", directive.name, value);
    return values;
}

std::optional<int64_t> parse_memory(std::string_view text) {
    static constexpr struct {
        std::string_view unit;
        int64_t bytes;
    } kUnits[] = {{"", 1},         {"b", 1},        {"k", 1000},         {"kb", 1024},
                  {"m", 1000'000}, {"mb", 1 << 20}, {"g", 1000'000'000}, {"gb", 1 << 30}};
    size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::optional<int64_t> value = parse_int64(text.substr(0, digits));
    if (!value) return std::nullopt;
    for (const auto& [unit, bytes] : kUnits) {
        if (!same_word(text.substr(digits), unit)) continue;
        if (*value > kMaxLong / bytes) return std::nullopt;
        return *value * bytes;
    }
    return std::nullopt;
}

}  // namespace tidemark::server
