#include "tools/rdb_check/library_judge.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "rdb/codec/primitives.h"
#include "tools/common/text.h"
#include "tools/dump_diff/function_library.h"
#include "tools/rdb_check/input_from.h"

namespace tidemark::rdb_check {

namespace {

// Valkey's modules can bring others.
constexpr std::string_view kRedisEngine = "lua";
// No server has as many.
constexpr size_t kLibrariesMax = 100'000;

}  // namespace

Result<std::optional<std::string>> LibraryJudge::judge(rdb::Input& input, uint64_t offset) {
    InputFrom rest(input, offset + 1);
    rdb::Primitives in(rest);
    return judge_source(TM_TRY(in.string()));
}

std::optional<std::string> LibraryJudge::judge_source(std::string_view source) {
    const auto head = parse_library_head(source);
    if (!head) return "a library of functions " + head.error().what;
    if (dialect_ == rdb::Dialect::kRedis && !same_word(head->engine, kRedisEngine)) {
        return fmt::format("a library of functions is for the engine \"{}\", which is not known",
                           tools::escape_short(head->engine));
    }
    if (names_.size() >= kLibrariesMax) return "no server has so many libraries of functions";
    if (names_.insert(head->name).second) return std::nullopt;
    return fmt::format("the library of functions \"{}\" is there a second time",
                       tools::escape_short(head->name));
}

}  // namespace tidemark::rdb_check
