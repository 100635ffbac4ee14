// What the comparison asks of the machine: cores, the file system of the data, descriptors, and a
// line that describes it all for the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace tidemark::bench {

struct Cores {
    // Unset on a machine that allows this process fewer than two cores: nothing is pinned then.
    std::optional<int> server;
    std::optional<int> load;
};

// The first two cores that this process may use.
Cores choose_cores();
// Binds the calling thread (and the children that it starts) to one core.
Status pin_to_core(int core);
// Raises the soft limit of open files to the hard one; returns the limit.
uint64_t raise_open_files();

// Name of the file system of a path (`ext4`, `tmpfs`, ...; hexadecimal when unknown).
Result<std::string> file_system_of(const std::string& path);
// A file system in memory.
bool syncs_are_free(const std::string& file_system);
// An error that says so where syncs are free: figures from there mean nothing.
Status check_disk(const std::string& folder, const std::string& file_system);
// A port of 127.0.0.1 that was free a moment ago.
Result<uint16_t> free_port();
bool port_is_free(uint16_t port);

// Tasks that ran or wanted to run in the last minute, on average; 0 when it cannot be read.
double load_average();

// Processor, cores, kernel, congestion control.
std::string describe_machine();

// A folder that is removed with everything in it when this goes away.
class ScratchFolder {
public:
    // Made inside `parent`.
    static Result<ScratchFolder> create(const std::string& parent);
    ScratchFolder(ScratchFolder&& other) noexcept;
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder();

    const std::string& path() const { return path_; }
    // A new folder inside, named after `name`.
    Result<std::string> subfolder(const std::string& name);

private:
    explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

    std::string path_;
    int made_ = 0;
};

}  // namespace tidemark::bench
