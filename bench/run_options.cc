#include "bench/run_options.h"

#include <map>
#include <string>

#include "bench/choice.h"

namespace tidemark::bench {

namespace {

const std::map<std::string, Transport> kTransports = {{"tcp", Transport::kTcp},
                                                      {"unix", Transport::kUnix}};

}  // namespace

void add_run_options(CLI::App& app, StageOptions& options) {
    app.add_option("--rounds", options.rounds, "runs of each server, in turns")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "length of one run")
        ->check(CLI::Range(0.05, 3600.0))
        ->capture_default_str();
    app.add_option("--transport", options.transport, "tcp (loopback) or unix")
        ->transform(one_of(kTransports))
        ->type_name("WORD");
    app.add_option("--congestion", options.congestion,
                   "TCP congestion control of the load [the machine's]");
}

}  // namespace tidemark::bench
