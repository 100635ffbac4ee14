// A word as a shell takes it, for commands in messages: what is printed is to be pasted.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// As it is where nothing in it is special, else in single quotes.
std::string shell_word(std::string_view word);

}  // namespace tidemark
