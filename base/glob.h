// Redis's glob patterns, as KEYS, SCAN MATCH, CONFIG GET and ACL use them: * ? [a-z] [^a] and
// backslash escapes.
#pragma once

#include <string_view>

namespace tidemark {

enum class CaseRule { kExact, kIgnoreCase };

// Linear in text times the number of stars at worst: no exponential patterns.
bool glob_match(std::string_view pattern, std::string_view text, CaseRule rule = CaseRule::kExact);

}  // namespace tidemark
