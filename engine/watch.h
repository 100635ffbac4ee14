// WATCH: who wants to know that a key changed. A session that watches is a Watcher; the door marks
// it dirty, EXEC looks.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
    void touch(int db, std::string_view key) {
        if (!watchers_.empty()) touch_watched(db, key);
    }
    // The database is about to be flushed or swapped. is_affected(name) tells whether a watched key
    // is there before, or would be there after: only those count as changed.
    template <class IsAffected>
    void touch_database(int db, IsAffected&& is_affected) {
        for (const auto& [watched, who] : watchers_) {
            if (watched.db == db && is_affected(std::string_view(watched.name))) mark_dirty(who);
        }
    }

private:
    struct WatchedKey {
        int db;
        std::string name;
        bool operator==(const WatchedKey&) const = default;
    };
    struct WatchedKeyHash {
        size_t operator()(const WatchedKey& key) const {
            return std::hash<std::string>()(key.name) + static_cast<size_t>(key.db);
        }
    };

    void touch_watched(int db, std::string_view key);
    static void mark_dirty(const std::vector<Watcher*>& who) {
        for (Watcher* watcher : who) watcher->dirty = true;
    }

    std::unordered_map<WatchedKey, std::vector<Watcher*>, WatchedKeyHash> watchers_;
};

}  // namespace tidemark::engine
