// What modules write: a number that names the type, and values each behind an opcode, so that it
// can be passed over without knowing the module.
//
//   length: nine characters of six bits, the first one on top, above ten bits of version
//   1, 2  length (signed, unsigned) | 3  float | 4  double | 5  string | 0  the end
#pragma once

#include <cstdint>
#include <string>

#include "rdb/codec/primitives.h"

namespace tidemark::rdb {

std::string module_name(uint64_t id);

// Values up to the end and with it.
Status skip_module_data(Primitives& in);

}  // namespace tidemark::rdb
