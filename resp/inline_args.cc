#include "resp/inline_args.h"

#include "base/quoted_words.h"

namespace tidemark::resp {

bool split_inline(std::string_view line, std::vector<std::string_view>& args,
                  std::deque<std::string>& unquoted) {
    const size_t args_before = args.size();
    size_t at = 0;
    for (;;) {
        while (at < line.size() && is_word_space(line[at])) ++at;
        if (at == line.size()) return true;
        size_t end = at;
        while (end < line.size() && !ends_plain_word(line[end]) && !is_quote(line[end])) ++end;
        if (end == line.size() || ends_plain_word(line[end])) {
            args.push_back(line.substr(at, end - at));
            at = end;
            continue;
        }
        std::string& text = unquoted.emplace_back();
        if (!take_word(line, at, text)) {
            args.resize(args_before);
            return false;
        }
        args.push_back(text);
    }
}

}  // namespace tidemark::resp
