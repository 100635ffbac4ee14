#include <fmt/format.h>
#include <unistd.h>
#include "server/interim.h"
#include "server/server.h"
using namespace tidemark;
using namespace tidemark::server;
namespace tidemark::server {
std::string Server::info(std::span<const std::string_view>) {
    return "redis_version:7.4.1\r\n";
}
}  // namespace tidemark::server
int main(int argc, char** argv) {
    Config config;
    SystemClock clock;
    Logger logger(clock);
    for (int i = 1; i + 1 < argc; i += 2) {
        const Directive* d = find_directive(argv[i] + 2);
        if (!d) {
            fmt::print("unknown {}\n", argv[i]);
            return 1;
        }
        std::vector<std::string> words{argv[i + 1]};
        if (auto bad = set_directive(*d, config, words)) {
            fmt::print("{}\n", *bad);
            return 1;
        }
    }
    if (chdir(config.dir.c_str()) != 0) return 1;
    ConfigFile file(config);
    Server server(config, file, clock, logger);
    if (auto s = server.start(); !s) {
        logger.warning("{}", s.error().what);
        return 1;
    }
    logger.notice("Ready to accept connections");
    return server.run() ? 0 : 1;
}
