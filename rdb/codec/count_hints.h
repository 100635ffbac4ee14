// RESIZEDB says how many keys a db has, and how many of them expire: held against what comes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tidemark::rdb {

class CountHints {
public:
    void select(uint64_t db);
    void hint(uint64_t keys, uint64_t with_expiry, uint64_t offset);
    void count(bool has_expiry) {
        ++current_.keys;
        current_.with_expiry += has_expiry ? 1 : 0;
    }
    // Not all keys were seen: nothing is said any more.
    void give_up() { is_given_up_ = true; }

    struct Miss {
        uint64_t offset = 0;  // of the hint
        std::string what;
    };
    // After the last key: calls tell(Miss) for each db whose counts differ.
    template <class Tell>
    void compare(Tell&& tell) {
        select(current_db_);
        if (is_given_up_) return;
        for (const auto& [db, seen] : dbs_) {
            if (const auto miss = miss_of(db, seen)) tell(*miss);
        }
    }

private:
    struct Counts {
        uint64_t keys = 0;
        uint64_t with_expiry = 0;
        bool has_hint = false;
        uint64_t hinted_keys = 0;
        uint64_t hinted_with_expiry = 0;
        uint64_t hint_offset = 0;
    };
    static std::optional<Miss> miss_of(uint64_t db, const Counts& counts);

    uint64_t current_db_ = 0;
    Counts current_;
    std::map<uint64_t, Counts> dbs_;
    bool is_given_up_ = false;
};

}  // namespace tidemark::rdb
