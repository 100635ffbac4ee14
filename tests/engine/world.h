// A keyspace with a log that is looked at, and commands as the dispatcher would run them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/txn.h"
#include "tests/engine/recording_sink.h"

namespace tidemark::engine {

using Strings = std::vector<std::string>;

struct World {
    World() {
        keyspace->set_sink(sink);
        keyspace->set_now(kStart);
    }

    static constexpr int64_t kStart = 1'700'000'000'000;

    template <class Body>
    uint64_t write(Body&& body, int db = 0) {
        WriteTxn txn(*keyspace, db);
        body(txn);
        txn.commit(command, {});
        return txn.depends_on();
    }
    void set(std::string_view name, std::string_view value, Expiry expiry = Expiry::none(),
             int db = 0) {
        write([&](WriteTxn& txn) { txn.set_string(txn.key(name), value, expiry); }, db);
    }
    std::string get(std::string_view name, int db = 0) {
        ReadTxn txn(*keyspace, db);
        const auto text = txn.find_string(txn.key(name));
        return *text ? std::string((*text)->text()) : "(nil)";
    }
    std::string encoding(std::string_view name) {
        ReadTxn txn(*keyspace, 0);
        return std::string(encoding_name(*txn.peek(txn.key(name))));
    }
    int64_t expire_at(std::string_view name, int db = 0) {
        ReadTxn txn(*keyspace, db);
        const Entry* entry = txn.peek(txn.key(name));
        return entry == nullptr ? -2 : entry->has_expiry() ? entry->expire_at_ms() : -1;
    }
    bool erase(std::string_view name) {
        bool erased = false;
        write([&](WriteTxn& txn) { erased = txn.erase(txn.key(name)); });
        return erased;
    }

    std::vector<std::string_view> command{"CMD"};
    RecordingSink sink;
    std::unique_ptr<Keyspace> keyspace = std::make_unique<Keyspace>(Keyspace::Options{16, 7});
};

}  // namespace tidemark::engine
