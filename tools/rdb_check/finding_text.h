// The codec's findings as a tool shows them, and what they come to in the end.
#pragma once

#include <cstdint>

#include "rdb/codec/finding.h"
#include "rdb/codec/format.h"
#include "tools/common/output.h"

namespace tidemark::rdb_check {

// Shows findings, and remembers what kinds there were.
class FindingOutput {
public:
    explicit FindingOutput(tools::Output& output) : output_(output) {}

    // Of the dump whose types are to be named.
    void set_dialect(rdb::Dialect dialect) { dialect_ = dialect; }
    // Added to each offset: where the dump begins in the file.
    void set_base_offset(uint64_t base) { base_ = base; }
    void show(const rdb::Finding& finding);

    uint64_t errors() const { return output_.counts().errors; }
    uint64_t warnings() const { return output_.counts().warnings; }
    // There were errors, and all were about what is too new, or a module's.
    bool cannot_judge() const { return unjudged_ > 0 && unjudged_ == errors(); }

private:
    tools::Output& output_;
    rdb::Dialect dialect_ = rdb::Dialect::kRedis;
    uint64_t base_ = 0;
    uint64_t unjudged_ = 0;
};

}  // namespace tidemark::rdb_check
