#include "engine/watch.h"

#include <algorithm>

namespace tidemark::engine {

void WatchTable::watch(Watcher& watcher, int db, std::string_view key) {
    // Asked of the key, not of the watcher: one client may name a million keys, but few clients
    // name the same one.
    std::vector<Watcher*>& who = watchers_[{db, std::string(key)}];
    if (std::find(who.begin(), who.end(), &watcher) != who.end()) return;
    who.push_back(&watcher);
    watcher.keys.emplace_back(db, key);
}

void WatchTable::unwatch(Watcher& watcher) {
    for (const auto& [db, name] : watcher.keys) {
        const auto found = watchers_.find({db, name});
        if (found == watchers_.end()) continue;
        std::erase(found->second, &watcher);
        if (found->second.empty()) watchers_.erase(found);
    }
    watcher.keys.clear();
}

void WatchTable::touch_watched(int db, std::string_view key) {
    const auto found = watchers_.find({db, std::string(key)});
    if (found != watchers_.end()) mark_dirty(found->second);
}

}  // namespace tidemark::engine
