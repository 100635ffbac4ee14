// A sink that remembers every record, for tests that look at what would be logged.
#pragma once

#include <string>
#include <vector>

#include "engine/commit_sink.h"

namespace tidemark::engine {

class RecordingSink final : public CommitSink {
public:
    uint64_t append(const CommitRecord& record) override {
        std::string text = std::to_string(record.db) + ":";
        for (const std::string_view arg : record.args) {
            text += ' ';
            text += arg;
        }
        records.push_back(std::move(text));
        set_appended(appended_offset() + 1);
        return appended_offset();
    }
    void begin_transaction() override {}
    void end_transaction() override {}
    void release(uint64_t offset) { set_released(offset); }

    std::vector<std::string> take() { return std::exchange(records, {}); }

    std::vector<std::string> records;
};

}  // namespace tidemark::engine
