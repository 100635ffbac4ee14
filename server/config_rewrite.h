// CONFIG REWRITE: the settings in use, written into the configuration file without disturbing what
// a person wrote there.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/disk.h"
#include "server/config.h"

namespace tidemark::server {

// A text that means `config` when it is read, as close to `text` as can be: comments, order and
// the lines of settings that have not changed stay as they are, a changed one is replaced where it
// first stood, and one that was not there is appended unless it has its default.
Result<std::string> rewritten_config(std::string_view text, const std::string& name,
                                     const Config& config);

// Replaces the file in one step: a reader or a crash sees the old one or the new one.
Status rewrite_config(io::Disk& disk, const std::string& file, const Config& config);

}  // namespace tidemark::server
