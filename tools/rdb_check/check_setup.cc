#include "tools/rdb_check/check_setup.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tools/common/spool.h"

namespace tidemark::rdb_check {

CheckSettings make_settings(const tools::Session& session) {
    CheckSettings settings;
    settings.limits.now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
    settings.jobs = std::max(1U, std::thread::hardware_concurrency());
    settings.key_memory_bytes = kKeyMemoryMiB * 1024 * 1024;
    settings.spool_folder = session.options().temporary_folder.empty()
                                ? tools::default_spool_folder()
                                : session.options().temporary_folder;
    return settings;
}

void add_databases_option(tools::Options& app, uint64_t& databases) {
    app.add("--databases", databases, "databases that the server has")
        .between(1, INT32_MAX)
        .show_default();
}

}  // namespace tidemark::rdb_check
