#include "engine/watch.h"

#include <algorithm>

namespace tidemark::engine {

void WatchTable::watch(Watcher& watcher, int db, std::string_view key) {
    std::pair<int, std::string> watched(db, key);
    if (std::find(watcher.keys.begin(), watcher.keys.end(), watched) != watcher.keys.end()) return;
    watchers_[{db, std::string(key)}].push_back(&watcher);
    watcher.keys.push_back(std::move(watched));
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
