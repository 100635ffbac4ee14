// Finds the end of a value by its framing: lengths and strings, without looking into them.
#pragma once

#include "base/result.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

Status skip_value(Primitives& in, Shape shape);

}  // namespace tidemark::rdb
