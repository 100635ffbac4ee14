#include "tools/dump_diff/function_library.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/quoted_words.h"

namespace tidemark::rdb_check {

namespace {

constexpr std::string_view kShebang = "#!";
constexpr std::string_view kNameArgument = "name=";

bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

tl::unexpected<Error> no_head(std::string what) {
    return fail(ErrorCode::kCorrupt, std::move(what));
}

}  // namespace

Result<LibraryHead> parse_library_head(std::string_view source) {
    if (!source.starts_with(kShebang)) return no_head("does not begin with #!");
    const size_t end = source.find('\n');
    const std::string_view line = source.substr(0, end);
    if (end == std::string_view::npos) return no_head("has a first line only");
    const auto words = split_words(line);
    if (!words || words->empty() || line.find('\0') != std::string_view::npos)
        return no_head("has a first line that cannot be split into words");
    LibraryHead head;
    head.engine = words->front().substr(std::min(kShebang.size(), words->front().size()));
    bool has_name = false;
    for (size_t i = 1; i < words->size(); ++i) {
        const std::string_view word = (*words)[i];
        if (has_name || !same_word(word.substr(0, kNameArgument.size()), kNameArgument))
            return no_head("says more in its first line than engine and name");
        head.name = word.substr(kNameArgument.size());
        has_name = true;
    }
    if (!has_name) return no_head("has no name");
    if (!is_name(head.name)) return no_head("has a name of other than letters, digits and _");
    return head;
}

std::string library_name(std::string_view source) {
    const auto head = parse_library_head(source);
    return head ? head->name : std::string(source.substr(0, source.find('\n')));
}

}  // namespace tidemark::rdb_check
