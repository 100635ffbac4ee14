// A check with a view to mending: what is wrong, and the input with the bytes that checksums tell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "tools/rdb_check/changed_bytes.h"
#include "tools/rdb_check/check_run.h"

namespace tidemark::rdb_check {

enum class Restore : uint8_t { kNothing, kChangedBytes };

struct Diagnosis {
    CheckSummary summary;                // of the input as it would be mended
    std::unique_ptr<MendedInput> input;  // borrows the one that was diagnosed
    uint64_t restored = 0;               // bytes
    uint64_t repairable = 0;             // findings that writing the dump again takes away
};

// What is found goes to `on_finding`, of the input as it is.
Result<Diagnosis> diagnose(rdb::Input& input, const DumpHead& head, const CheckSettings& settings,
                           Restore restore, const tools::StopFlag& stop,
                           const CheckRun::OnFinding& on_finding,
                           const CheckRun::OnProgress& on_progress);

}  // namespace tidemark::rdb_check
