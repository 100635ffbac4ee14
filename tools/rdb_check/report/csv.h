// Fields of comma-separated values, as RFC 4180 has them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/byte_sink.h"
#include "tools/rdb_check/report/key_figures.h"

namespace tidemark::rdb_check {

// A key's or prefix's name: escaped as everywhere (\xHH), in quotes. A spreadsheet that meets a
// name that begins like a formula shows it: it gets an apostrophe in front.
std::string csv_name(std::string_view name);

// One row a key, as they come. Nothing is kept.
class KeyRows {
public:
    explicit KeyRows(rdb::ByteSink& to) : to_(to) {}

    Status write_head();
    Status write(const KeyFigures& key);

private:
    rdb::ByteSink& to_;
    std::string row_;
};

}  // namespace tidemark::rdb_check
