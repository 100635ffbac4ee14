// What redis-server 7.0.15 makes of a dump: one server that loads file after file, started again
// when one ends it. It validates deeply (sanitize-dump-payload yes), as rdb-check does; without
// that it takes packed values unseen and dies of them later.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/client.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::tools {

enum class Outcome : uint8_t {
    kLoads,
    kRefuses,  // an error, or it exits and says why
    kDies,     // of a signal
};

// "db/name" -> what DUMP says, without its version, and when it expires.
using KeyMap = std::map<std::string, std::string>;

struct Answer {
    Outcome outcome = Outcome::kRefuses;
    uint64_t keys = 0;
    std::string log;  // of a server that is gone
};

class RedisOracle {
public:
    RedisOracle() = default;

    Answer load(std::string_view dump);
    // Of what was loaded last.
    KeyMap keys();
    std::string functions();
    // What a server with these keys would save. Commands are words with spaces between.
    std::string save();
    support::Reply cmd(const support::CommandArgs& args);

private:
    void start();
    bool is_up() { return process_ && !process_->poll(); }
    std::string dump_path() const { return folder_ / "dump.rdb"; }

    support::TempFolder folder_;
    support::Endpoint endpoint_;
    std::unique_ptr<support::Process> process_;
    std::unique_ptr<support::Client> client_;
    int starts_ = 0;
};

}  // namespace tidemark::tools
