#include "tools/rdb_check/out_buffer.h"

#include <cerrno>

namespace tidemark::rdb_check {

Status StreamSink::write(std::string_view bytes) {
    if (fwrite(bytes.data(), 1, bytes.size(), to_) == bytes.size()) return {};
    return fail(system_error(errno, "cannot write the output"));
}

Status StreamSink::flush() {
    if (fflush(to_) == 0) return {};
    return fail(system_error(errno, "cannot write the output"));
}

}  // namespace tidemark::rdb_check
