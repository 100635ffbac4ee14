// Commands for the differential test: mostly sensible, often odd, now and then broken.
//
// All that is random comes from one Random, so a seed gives the same commands everywhere. What two
// servers cannot be expected to agree on is left out here: expiries are far away (absolute ones
// past the year 2100, relative ones by decades and never the same twice), nothing waits for ever,
// and no value grows to the size of the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace tidemark::test {

using Command = std::vector<std::string>;

class RandomCommands {
public:
    explicit RandomCommands(uint64_t seed) : random_(seed) {}

    // The next command of a client; transactions are opened now and then, and closed soon when
    // `in_transaction`.
    enum class State { kIdle, kInTransaction };
    Command next(State state);
    size_t below(size_t bound) { return static_cast<size_t>(random_.below(bound)); }

private:
    Command from_template(std::string_view text);
    void append(Command& command, std::string_view kind);
    void append_options(Command& command, std::string_view words, size_t at_most);
    void damage(Command& command);

    std::string pick(const std::vector<std::string>& pool) { return pool[below(pool.size())]; }
    std::string in_random_case(std::string_view word);
    std::string key();
    std::string value();
    std::string integer();
    std::string odd();
    std::string relative_seconds();
    std::string absolute_seconds();

    Random random_;
};

}  // namespace tidemark::test
