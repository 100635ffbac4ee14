// The second argument of a multibulk request (the key, in most commands) without parsing the rest:
// for prefetching. Empty when the bytes do not begin with such a request, whole or not.
#pragma once

#include <string_view>

namespace tidemark::resp {

std::string_view second_argument(std::string_view bytes);

}  // namespace tidemark::resp
