// Where a tool's bytes come from: a file, `-`, a FIFO, something compressed, the base in a log's
// folder, a replica's capture of a full sync, a DUMP payload. Whatever it is, a Source has a size
// and can be read anywhere: what comes through a pipe or packed is first written out into a file
// without a name (in $TMPDIR, else /var/tmp), so that it takes disk and not memory.
//
// The input is opened for reading only, and never locked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "rdb/codec/byte_source.h"
#include "tools/common/stop_flag.h"

namespace tidemark::tools {

// What DUMP answered, wrapped as a dump of one key.
enum class Payload : uint8_t { kNone, kBinary, kHex };
// What to do with a file that somebody is writing to.
enum class Growing : uint8_t { kRefuse, kReadWhatIsThere };

struct SourceOptions {
    Payload payload = Payload::kNone;
    Growing growing = Growing::kRefuse;
    std::string spool_folder;  // empty: $TMPDIR, else /var/tmp
    const StopFlag* stop = nullptr;
    // Bytes of the input taken so far, while it is written out; may be empty.
    std::function<void(uint64_t)> on_spooled;
};

class Source : public rdb::Input {
public:
    // For messages: the path, "standard input", or the file that a folder led to.
    const std::string& name() const { return name_; }
    // What was done before there was an RDB: "unpacked from gzip"; empty for a file as it lies.
    const std::string& origin() const { return origin_; }
    // How far its first byte is into that file (0 unless it is a replica's capture).
    uint64_t base_offset() const { return base_offset_; }
    // The packed input broke off or is damaged: what came before it is there.
    const std::optional<Error>& unpack_error() const { return unpack_error_; }
    // An error when the file has changed since it was opened. Before a verdict, and before output
    // is put in its place.
    virtual Status check_unchanged() { return {}; }
    // A regular file's path that can be replaced, or empty (a pipe, a packed file).
    virtual std::string replaceable_path() const { return {}; }

protected:
    std::string name_;
    std::string origin_;
    uint64_t base_offset_ = 0;
    std::optional<Error> unpack_error_;
};

// `path` as the user wrote it.
Result<std::unique_ptr<Source>> open_source(const std::string& path, const SourceOptions& options);

}  // namespace tidemark::tools
