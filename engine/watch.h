// WATCH: who wants to know that a key changed. A session that watches is a Watcher; the door marks
// it dirty, EXEC looks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tidemark::engine {

struct Watcher {
    bool dirty = false;
    std::vector<std::pair<int, std::string>> keys;  // db, name; owned by WatchTable's methods
};

class WatchTable {
public:
    bool empty() const { return watchers_.empty(); }
    void watch(Watcher& watcher, int db, std::string_view key);
    // Forgets all keys of the watcher. `dirty` is left alone.
    void unwatch(Watcher& watcher);
    // The key changed: everyone who watches it becomes dirty.
    void touch(int db, std::string_view key);
    // The database is about to be flushed or swapped. `is_live` tells whether a watched key is
    // there before, or would be there after: only those count as changed.
    template <class IsAffected>
    void touch_database(int db, IsAffected&& is_affected);

private:
    std::unordered_map<std::string, std::vector<Watcher*>> watchers_;  // db number, ':' and key
};

}  // namespace tidemark::engine
