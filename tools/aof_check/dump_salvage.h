// The RDB part of a log, damaged: mended as rdb-check salvage mends a dump, up to where the records
// behind it begin.
//
//   REDIS0010 ... key /// key ... 0xff checksum *2\r\n$6\r\nSELECT\r\n ...
//   |-- written anew without what is damaged --||-- as in any other log --
#pragma once

#include <cstdint>
#include <memory>

#include "aof/codec/command_names.h"
#include "base/result.h"
#include "tools/aof_check/new_log.h"
#include "tools/aof_check/repair_report.h"
#include "tools/common/session.h"

namespace tidemark::aof_check {

// Where the records behind a damaged dump begin: the first that stand behind an EOF byte and a
// checksum. The source's end where there are none.
Result<uint64_t> find_end_of_dump(aof::ByteSource& source, uint64_t damage_at,
                                  const aof::CommandNames& names);

class DumpSalvage {
public:
    // Of the bytes [0, end). Borrows both. An error: it is not a dump that can be read at all.
    static Result<std::unique_ptr<DumpSalvage>> create(aof::ByteSource& source, uint64_t end,
                                                       tools::Session& session);
    ~DumpSalvage();

    uint64_t end() const;
    // Adds to `report` what was mended and what was lost of the file `name`.
    Status write(const NewLog::Write& write, const std::string& name, RepairReport& report);

private:
    class Parts;
    explicit DumpSalvage(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace tidemark::aof_check
