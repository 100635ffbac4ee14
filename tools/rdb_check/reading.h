// How the modes that read a dump as a whole do it: with a filter in front, with progress, with an
// ear for SIGINT. The dump is checked deeply on the way; one that is damaged is an error that says
// which mode helps.
#pragma once

#include <string>

#include "rdb/codec/format.h"
#include "rdb/codec/value_sink.h"
#include "tools/common/session.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

struct Reading {
    rdb::Dialect dialect = rdb::Dialect::kRedis;
    int version = 0;
    uint64_t seen = 0;      // keys
    uint64_t selected = 0;  // of them
};

// The sink's own progress() hears nothing. `label` is for the user: "exporting". A dump that is
// damaged becomes the output's file.
Result<Reading> read_selected(tools::Session& session, tools::Source& source, const Filter& filter,
                              rdb::ValueSink& to, const std::string& label);

// As opposed to this machine, this run, or what could not be written.
bool is_about_the_dump(const Error& error);

// Where a mode puts what does not fit memory.
std::string spool_folder(const tools::Session& session);
// Unix time of now in milliseconds, for filters.
int64_t now_ms();

}  // namespace tidemark::rdb_check
