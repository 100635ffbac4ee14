// The base of a multi-part log, for tools that are given its folder.
#pragma once

#include <string>

#include "base/result.h"

namespace tidemark::tools {

// `folder` holds a manifest, or has a folder `appendonlydir` that does; kNotFound otherwise.
Result<std::string> find_log_base(const std::string& folder);

}  // namespace tidemark::tools
