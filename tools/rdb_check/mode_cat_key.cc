// Mode cat-key: one key, with everything that the dump says of it.
#include <fmt/format.h>

#include <memory>

#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/filter_parser.h"
#include "tools/rdb_check/key_printer.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/nowhere.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

struct CatKeyOptions {
    std::string file;
    std::string key;
    bool escaped = false;
    FilterOptions filter;
};

Filter::Node exactly(std::string key) {
    Filter::Node node;
    node.kind = Filter::Node::Kind::kTest;
    node.condition.field = Field::kKey;
    node.condition.words.push_back(std::move(key));
    return node;
}

// As the modes print keys: \xHH, \\ and \".
Result<Filter::Node> spelled(const std::string& key) {
    return parse_filter(fmt::format("key=\"{}\"", key));
}

Result<Reading> print(Session& session, tools::Source& source, const Filter& filter) {
    StreamSink stream(session.console().out);
    OutBuffer out(stream);
    KeyPrinter printer(out);
    Nowhere nowhere;
    rdb::ValueSink& to = session.output().format() == tools::Format::kQuiet
                             ? static_cast<rdb::ValueSink&>(nowhere)
                             : printer;
    Result<Reading> reading = read_selected(session, source, filter, to, "looking");
    TM_CHECK(out.flush());  // what came before an error, too
    return reading;
}

Result<Reading> print_json(Session& session, tools::Source& source, const Filter& filter) {
    Result<Reading> reading = Reading();
    Status written;
    session.output().json_text("keys", [&](FILE* to) {
        StreamSink stream(to);
        OutBuffer out(stream);
        const auto exporter = make_json_exporter(out, JsonFrame::kArray);
        exporter->begin();
        reading = read_selected(session, source, filter, *exporter, "looking");
        exporter->finish();
        written = out.flush();
    });
    TM_CHECK(written);
    return reading;
}

Result<Exit> run_cat_key(const CatKeyOptions& options, Session& session) {
    Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    filter.require(options.escaped ? TM_TRY(spelled(options.key)) : exactly(options.key));
    const auto source = TM_TRY(session.open(options.file));
    const bool is_json = session.output().format() == tools::Format::kJson;
    const Reading reading =
        TM_TRY(is_json ? print_json(session, *source, filter) : print(session, *source, filter));
    const std::string key = options.escaped ? options.key : tools::escape_short(options.key);
    if (reading.selected == 0) {
        return session.output().verdict(
            Exit::kDamaged,
            fmt::format("no key \"{}\" among {}", key, tools::format_count(reading.seen, "key")));
    }
    return session.output().verdict(
        Exit::kClean,
        fmt::format(
            "\"{}\" found{}", key,
            reading.selected == 1 ? std::string() : fmt::format(" {} times", reading.selected)));
}

}  // namespace

tools::Run declare_cat_key(tools::Options& app) {
    auto options = std::make_shared<CatKeyOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("name", options->key, "the key, exactly").required();
    app.add_flag("-e,--escaped", options->escaped, "the key is spelled with \\xHH and \\\\");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_cat_key(*options, session); };
}

}  // namespace tidemark::rdb_check
