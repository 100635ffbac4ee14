#include "rdb/codec/module.h"

#include <fmt/format.h>

namespace tidemark::rdb {

namespace {

enum class ModuleOpcode : uint64_t {
    kEnd = 0,
    kSigned = 1,
    kUnsigned = 2,
    kFloat = 3,
    kDouble = 4,
    kString = 5,
};

}  // namespace

std::string module_name(uint64_t id) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name;
    for (int shift = 58; shift >= 10; shift -= 6) name += kAlphabet[id >> shift & 63];
    return name;
}

Status skip_module_data(Primitives& in) {
    while (true) {
        const uint64_t begin = in.offset();
        const uint64_t opcode = TM_TRY(in.length());
        switch (static_cast<ModuleOpcode>(opcode)) {
            case ModuleOpcode::kEnd:
                return {};
            case ModuleOpcode::kSigned:
            case ModuleOpcode::kUnsigned:
                TM_TRY(in.length());
                continue;
            case ModuleOpcode::kFloat:
                TM_CHECK(in.source().skip(4));
                continue;
            case ModuleOpcode::kDouble:
                TM_CHECK(in.source().skip(8));
                continue;
            case ModuleOpcode::kString:
                TM_CHECK(in.skip_string());
                continue;
        }
        return in.bad(FindingCode::kBadEncoding, begin,
                      fmt::format("{} is no opcode of a module's data", opcode));
    }
}

}  // namespace tidemark::rdb
