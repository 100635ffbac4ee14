// Text from anywhere, made safe to stand in a page: as an element's content and between the double
// quotes of an attribute alike.
//
// Keys are named by strangers. So besides the five characters of HTML, whatever is no valid UTF-8
// and whatever cannot be seen or would rearrange its neighbours (controls, line separators,
// bidirectional overrides, zero-width characters) becomes \xHH, byte by byte. Other letters stay.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::html {

std::string escape(std::string_view text);
// The same, cut behind `bytes_max` bytes of text (never inside a character), with an ellipsis.
std::string escape_cut(std::string_view text, size_t bytes_max);

}  // namespace tidemark::html
