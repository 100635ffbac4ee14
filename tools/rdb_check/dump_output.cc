#include "tools/rdb_check/dump_output.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "rdb/codec/pack.h"
#include "rdb/codec/seal.h"

namespace tidemark::rdb_check {

namespace {

std::string opcode_record(uint8_t opcode, std::initializer_list<std::string_view> strings) {
    Buffer record;
    rdb::pack_byte(record, opcode);
    for (const std::string_view text : strings)
        rdb::pack_string(record, text, rdb::Compression::kNone);
    return std::string(record.view());
}

}  // namespace

Result<std::unique_ptr<DumpOutput>> DumpOutput::create(std::unique_ptr<tools::OutputFile> file,
                                                       const rdb::DumpOptions& options) {
    std::unique_ptr<DumpOutput> output(new DumpOutput(std::move(file), options));
    TM_CHECK(output->dump_.begin());
    return output;
}

Status DumpOutput::commit() {
    TM_CHECK(dump_.finish());
    return file_->commit();
}

Result<rdb::DumpOptions> options_like(rdb::Input& source, rdb::Sealing sealing) {
    rdb::DumpOptions options;
    options.sealing = sealing;
    std::array<char, rdb::kHeadBytes> bytes{};
    const std::string_view head(bytes.data(),
                                TM_TRY(source.read_at(bytes.data(), bytes.size(), 0)));
    if (head.starts_with(rdb::kValkeyMagic)) {
        options.dialect = rdb::Dialect::kValkey;
        options.version = rdb::kValkeyVersion;
    } else if (head.size() == rdb::kHeadBytes && head.starts_with(rdb::kRedisMagic)) {
        const int version = std::atoi(std::string(head.substr(rdb::kRedisMagic.size())).c_str());
        options.version = std::clamp(version, rdb::kFirstVersionWritten, rdb::kRedisVersionMax);
    }
    return options;
}

std::string aux_record(std::string_view name, std::string_view value) {
    return opcode_record(rdb::opcode::kAux, {name, value});
}

std::string library_record(std::string_view source) {
    return opcode_record(rdb::opcode::kFunction, {source});
}

bool is_carried_over(std::string_view aux_name) {
    return !aux_name.starts_with(rdb::kOwnAuxPrefix) && !aux_name.starts_with("repl-") &&
           !aux_name.starts_with("aof-");
}

}  // namespace tidemark::rdb_check
