#include "engine/table.h"

#include <doctest/doctest.h>

#include <string>
#include <unordered_map>

#include "base/random.h"
#include "engine/entry_maker.h"

namespace tidemark::engine {
namespace {

struct World {
    HashSeed seed{1};
    Table table{seed};

    void insert(const std::string& name, int64_t value) {
        Entry* entry = EntryMaker::create(name, {Encoding::kInt, value, {}}, kNoExpiry);
        table.insert(entry, seed.hash(name), ExpiryMark::none());
    }
    const Entry* find(const std::string& name) const { return table.find(name, seed.hash(name)); }
    void erase(const std::string& name) {
        const uint64_t hash = seed.hash(name);
        EntryMaker::destroy(table.remove(table.locate(name, hash), hash));
    }
    void shrink() {
        while (table.wants_shrink()) table.merge_one();
    }
};

TEST_CASE("engine/table: agrees with std::unordered_map under random inserts and erases") {
    World world;
    std::unordered_map<std::string, int64_t> model;
    Random random(3);
    // Waves: mostly inserts, then mostly erases, so that the table grows and shrinks.
    for (int step = 0; step < 400'000; ++step) {
        const bool is_filling = step / 50'000 % 2 == 0;
        const std::string name = "key:" + std::to_string(random.below(40'000));
        const auto known = model.find(name);
        const Entry* entry = world.find(name);
        REQUIRE((entry != nullptr) == (known != model.end()));
        if (entry != nullptr) REQUIRE(entry->integer() == known->second);
        if (entry == nullptr && (is_filling || random.one_in(8))) {
            world.insert(name, step);
            model[name] = step;
        } else if (entry != nullptr && (!is_filling || random.one_in(8))) {
            world.erase(name);
            model.erase(known);
        }
        REQUIRE(world.table.size() == model.size());
        if (random.one_in(16) && world.table.wants_shrink()) world.table.merge_one();
    }
    for (const auto& [name, value] : model) REQUIRE(world.find(name)->integer() == value);
    for (const auto& [name, value] : model) world.erase(name);
    world.shrink();
    CHECK(world.table.bucket_bytes() == 64);
}

}  // namespace
}  // namespace tidemark::engine
