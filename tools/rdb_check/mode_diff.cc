// Mode diff: which keys two dumps do not have in common.
#include <fmt/format.h>

#include <memory>

#include "tools/common/text.h"
#include "tools/dump_diff/diff.h"
#include "tools/dump_diff/difference_teller.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

struct DiffOptions {
    std::string first;
    std::string second;
    bool ignore_ttl = false;
    bool summary = false;
    FilterOptions filter;
};

Exit verdict(Session& session, const Differences& differences, const std::string& second) {
    const DiffCounts& counts = differences.counts();
    if (counts.differing() == 0 && differences.libraries().empty()) {
        return session.output().verdict(Exit::kClean,
                                        fmt::format("the same as {}: {}", tools::escape(second),
                                                    tools::format_count(counts.same, "key")));
    }
    return session.output().verdict(Exit::kDamaged, sentence_of(differences, second));
}

Result<Exit> run_diff(const DiffOptions& options, Session& session) {
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const auto first_source = TM_TRY(session.open(options.first));
    session.output().set_file(options.second);  // of which it speaks when it cannot be opened
    const auto second_source = TM_TRY(session.open_other(options.second));
    session.output().set_file(first_source->name());
    const std::string folder = spool_folder(session);
    ComparedFile first(*first_source, folder);
    ComparedFile second(*second_source, folder);
    first.dialect =
        TM_TRY(read_selected(session, *first_source, filter, first.marks, "reading the first"))
            .dialect;
    second.dialect =
        TM_TRY(read_selected(session, *second_source, filter, second.marks, "reading the second"))
            .dialect;
    Differences differences(folder, first_source->size(), second_source->size());
    TM_CHECK(differences.compare(first.marks, second.marks,
                                 options.ignore_ttl ? CompareTtl::kNo : CompareTtl::kYes));
    if (!options.summary) TM_CHECK(DifferenceTeller(session, first, second).tell(differences));
    tell_counts(session, differences.counts());
    return verdict(session, differences, second_source->name());
}

}  // namespace

tools::Run declare_diff(tools::Options& app) {
    auto options = std::make_shared<DiffOptions>();
    app.add("first", options->first, "a dump; - for standard input").required();
    app.add("second", options->second, "the other one").required();
    app.add_flag("--ignore-ttl", options->ignore_ttl, "keys that differ in their expiry are equal");
    app.add_flag("--summary", options->summary, "counts only, no keys");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_diff(*options, session); };
}

}  // namespace tidemark::rdb_check
