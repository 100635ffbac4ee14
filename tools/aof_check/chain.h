// What the user pointed at, as a log: which files it consists of and in which order they are read.
//
//   a data folder          <dir>/appendonlydir/..., or <dir>/appendonly.aof from before Redis 7
//   the log's folder       the manifest in it; without one, only rebuild-manifest goes on
//   a manifest             its folder
//   any other file         that file alone, as if it were the last one; also - and packed ones
//
// Looks at names and sizes, and at no file's contents but the manifest's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aof/codec/manifest.h"
#include "aof/codec/scan.h"
#include "base/result.h"
#include "tools/common/session.h"

namespace tidemark::aof_check {

enum class Role : uint8_t { kBase, kIncrement, kHistory };
std::string_view name_of(Role role);

struct ChainFile {
    Role role = Role::kIncrement;
    std::string name;  // bare
    std::string path;
    uint64_t seq = 0;
    bool is_there = true;
    uint64_t size = 0;  // on disk
    aof::ManifestEntry entry;
    // Standard input, a FIFO, a packed file: what is read once, and from then on here.
    std::shared_ptr<tools::Source> spooled;
};

// Something in the folder that the manifest does not name.
struct Leftover {
    std::string name;
    uint64_t size = 0;
    std::string_view what;  // "temporary file", "orphan", "cut off at a start", "lost+found"
};

struct Chain {
    std::string given;           // as the user wrote it
    std::string folder;          // that the files lie in; empty for standard input
    std::string appendfilename;  // what their names begin with
    std::string manifest_path;   // empty: a single file
    std::string manifest_text;
    bool has_manifest = false;
    std::vector<aof::ManifestProblem> problems;
    aof::Manifest manifest;
    std::vector<ChainFile> files;  // in the order that they are read
    std::vector<ChainFile> history;
    std::vector<Leftover> leftovers;
    // The manifest names a file that has not been moved into the folder yet; a start moves it.
    bool adoption_is_open = false;

    bool is_single_file() const { return manifest_path.empty(); }
    // Then nothing says in which order its files are read.
    bool lacks_manifest() const { return !is_single_file() && !has_manifest; }
    // For modes that read what there is and mend nothing.
    Status require_manifest() const;
    std::string path_of(std::string_view name) const { return folder + "/" + std::string(name); }
    // Bare; empty: a single file.
    std::string_view manifest_name() const {
        return std::string_view(manifest_path).substr(manifest_path.rfind('/') + 1);
    }
};

// `name`: the appendfilename where a folder holds several logs; empty: there is one.
Result<Chain> find_chain(const std::string& path, std::string_view name = {});

// `source` is the single file, opened: kept if it cannot be opened again, or not cheaply.
void keep_spooled(Chain& chain, std::unique_ptr<tools::Source> source);

// The same log by another manifest.
Chain with_manifest(const Chain& chain, aof::Manifest manifest);

// A file's bytes for both codecs.
class LogBytes final : public aof::ByteSource {
public:
    explicit LogBytes(std::shared_ptr<tools::Source> source) : source_(std::move(source)) {}
    uint64_t size() const override { return source_->size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return source_->read_at(to, length, offset);
    }
    tools::Source& source() { return *source_; }

private:
    std::shared_ptr<tools::Source> source_;
};

Result<std::unique_ptr<LogBytes>> open_log(tools::Session& session, const std::string& path);
Result<std::unique_ptr<LogBytes>> open_log(tools::Session& session, const ChainFile& file);

}  // namespace tidemark::aof_check
