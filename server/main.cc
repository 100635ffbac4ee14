// tidemark-server [/path/to/redis.conf] [--option value ...] [-]
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <span>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "server/config_file.h"
#include "server/config_store.h"
#include "server/daemon.h"
#include "server/server.h"

namespace {

using namespace tidemark;
using namespace tidemark::server;

int say_and_fail(const Error& error) {
    fmt::print(stderr, "tidemark-server: {}\n", error.what);
    return 1;
}

// The data folder becomes the current one: relative paths of the log file, the pid file and the
// Unix socket start there, as in Redis.
Status enter_data_folder(const Config& config) {
    if (::chdir(config.dir.c_str()) != 0) {
        return fail(system_error(errno, fmt::format("Can't use '{}' as the data folder (--dir); "
                                                    "create it, or give another",
                                                    config.dir)));
    }
    if (::access(".", W_OK) != 0) {
        return fail(system_error(
            errno, fmt::format("Can't write in the data folder '{}' (--dir)", config.dir)));
    }
    return {};
}

// Serves until it is told to stop. What goes wrong is logged, and said on the terminal as well when
// the log goes to a file.
Status serve(LoadedConfig loaded) {
    TM_CHECK(enter_data_folder(loaded.config));
    if (loaded.config.daemonize) TM_CHECK(daemonize());
    SystemClock clock;
    Logger logger(clock);
    TM_CHECK(logger.open_file(loaded.config.logfile));
    logger.set_level(loaded.config.loglevel);
    PidFile pid_file;
    if (!loaded.config.pidfile.empty()) pid_file = TM_TRY(PidFile::create(loaded.config.pidfile));
    logger.notice("Tidemark {} (Redis {} protocol), pid {}, port {}, log {}", kVersion,
                  kRedisVersion, ::getpid(), loaded.config.port,
                  loaded.config.appendonly ? "on" : "off");
    for (const std::string& note : loaded.notes) logger.notice("{}", note);
    Server::fit_file_limit(loaded.config, logger);

    ConfigStore store(std::move(loaded.config), loaded.file);
    const bool supervised = is_supervised(store.config().supervised);
    Status done;
    {
        Server server(store, clock, logger);
        done = server.start();
        if (done) {
            logger.notice("Ready to accept connections");
            if (supervised) notify_supervisor("READY=1");
            done = server.run();
            if (supervised) notify_supervisor("STOPPING=1");
        }
    }
    if (!done && !store.config().logfile.empty()) logger.warning("{}", done.error().what);
    return done;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<const char* const> args(argv + 1, static_cast<size_t>(argc > 0 ? argc - 1 : 0));
    auto command_line = parse_command_line(args);
    if (!command_line) return say_and_fail(command_line.error());
    switch (command_line->action) {
        case CommandLine::Action::kShowVersion:
            fmt::print("{}", version_text());
            return 0;
        case CommandLine::Action::kShowHelp:
            fmt::print("{}", help_text());
            return 0;
        case CommandLine::Action::kServe:
            break;
    }
    auto loaded = load_config(*command_line);
    if (!loaded) return say_and_fail(loaded.error());
    const Status done = serve(std::move(*loaded));
    return done ? 0 : say_and_fail(done.error());
}
