#include "tools/aof_check/head_writer.h"

#include "tools/aof_check/kept_writer.h"

namespace tidemark::aof_check {

namespace {

Status write_head(const HeadFile& head, tools::Session& session, NewLog& log) {
    const auto bytes = TM_TRY(open_log(session, *head.file));
    TM_CHECK(log.add_file(head.entry.file, head.file->path, [&](const NewLog::Write& write) {
        if (!head.is_mid_piece) return copy_range(*bytes, 0, head.keep, session.stop(), write);
        SalvagePlan plan;
        plan.is_sealed = true;
        plan.kept.push_back({head.start, head.keep, 0, false, false});
        KeptOptions options;
        options.start = head.start;
        const auto parked = write_kept(*bytes, plan, options, session.stop(), write);
        return parked ? Status() : Status(fail(parked.error()));
    }));
    return bytes->source().check_unchanged();
}

}  // namespace

Status write_heads(const Chain& chain, const std::vector<HeadFile>& heads, tools::Session& session,
                   NewLog& log) {
    aof::Manifest manifest;
    for (const HeadFile& head : heads) {
        TM_CHECK(write_head(head, session, log));
        if (head.file->role == Role::kBase) {
            manifest.base = head.entry;
        } else {
            manifest.increments.push_back(head.entry);
        }
    }
    if (!chain.is_single_file()) TM_CHECK(log.add_manifest(manifest));
    return log.commit();
}

}  // namespace tidemark::aof_check
