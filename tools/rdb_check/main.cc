#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "tools/rdb_check/modes.h"

int main(int argc, char** argv) {
    using namespace tidemark;
    signal(SIGPIPE, SIG_IGN);  // a closed stdout is an error like any other
    const tools::SignalStop stop;
    const tools::Console console{stdout, stderr, stop};
    const std::vector<std::string> args(argv + 1, argv + argc);
    return tools::run_tool(rdb_check::tool(), args, console);
}
