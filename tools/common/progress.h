// How far it is, on one line of stderr that is written over: percent, rate, time left.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace tidemark::tools {

enum class ShowProgress : uint8_t { kOnTerminal, kAlways, kNever };

class Progress {
public:
    // `total` 0: not known.
    Progress(FILE* to, ShowProgress show, std::string label, uint64_t total);
    ~Progress();  // leaves an empty line behind, if any
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Cheap unless it is time to show something (five times a second at most).
    void update(uint64_t done);

private:
    void show(uint64_t done, double seconds);

    FILE* to_;
    std::string label_;
    uint64_t total_;
    uint64_t started_ns_ = 0;
    uint64_t next_ns_ = 0;
    bool is_on_;
    bool is_shown_ = false;
};

}  // namespace tidemark::tools
