// Strings, and values of modules, which are passed over.

#include <fmt/format.h>

#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"
#include "rdb/codec/hyperloglog.h"
#include "rdb/codec/module.h"

namespace tidemark::rdb {

Status decode_string(Decoding& to) {
    const std::string_view value = TM_TRY(to.text());
    // One byte tells most, without a call.
    if (!value.empty() && value[0] == 'H' && value.starts_with("HYLL")) [[unlikely]] {
        const std::string_view fault = hyperloglog_fault(value);
        if (!fault.empty()) {
            to.warn(FindingCode::kHyperLogLog, to.key().offset,
                    fmt::format("a HyperLogLog is inconsistent: {}", fault));
        }
    }
    return to.sink().string(value);
}

Status decode_module(Decoding& to) {
    const uint64_t begin = to.in.offset();
    const std::string module = module_name(TM_TRY(to.in.length()));
    TM_CHECK(skip_module_data(to.in));
    to.warn(FindingCode::kModuleOpaque, begin,
            fmt::format("what the module type '{}' stored is not looked into", module));
    return to.sink().module_value(module, begin, to.in.offset());
}

}  // namespace tidemark::rdb
