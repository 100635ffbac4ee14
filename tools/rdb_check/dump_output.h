// A dump that a mode writes: whole and in its place, or not there at all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/dump_writer.h"
#include "tools/common/output_file.h"

namespace tidemark::rdb_check {

class DumpOutput {
public:
    static Result<std::unique_ptr<DumpOutput>> create(std::unique_ptr<tools::OutputFile> file,
                                                      const rdb::DumpOptions& options);

    rdb::DumpWriter& dump() { return dump_; }
    const rdb::DumpWriter& dump() const { return dump_; }
    // Once, at the end.
    Status commit();

private:
    DumpOutput(std::unique_ptr<tools::OutputFile> file, const rdb::DumpOptions& options)
        : file_(std::move(file)), dump_(*file_, options) {}

    std::unique_ptr<tools::OutputFile> file_;
    rdb::DumpWriter dump_;
};

// For records that are copied from there: its dialect and version, or the least that is written.
// What is no dump at all is left to the reader to refuse.
Result<rdb::DumpOptions> options_like(rdb::Input& source, rdb::Sealing sealing);

// Records that belong to no key.
std::string aux_record(std::string_view name, std::string_view value);
std::string library_record(std::string_view source);
// Not what speaks of the file itself (seals) or of the very state of the server that wrote it
// (replication offsets, whether it is a log's base).
bool is_carried_over(std::string_view aux_name);

}  // namespace tidemark::rdb_check
