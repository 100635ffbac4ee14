#include "tools/aof_check/head_writer.h"

#include "tools/aof_check/kept_writer.h"

namespace tidemark::aof_check {

namespace {

// Cut inside a sealed piece: its seal does not fit any more.
Status write_sealed_anew(LogBytes& bytes, const HeadFile& head, const tools::StopFlag& stop,
                         const NewLog::Write& write) {
    TM_CHECK(copy_range(bytes, 0, head.start, stop, write));
    SalvagePlan plan;
    plan.is_sealed = true;
    plan.kept.push_back({head.start, head.keep, 0, false, false, 0});
    const auto parked = write_kept(bytes, plan, {}, stop, write);
    return parked ? Status() : Status(fail(parked.error()));
}

Status write_head(const HeadFile& head, tools::Session& session, NewLog& log) {
    const auto bytes = TM_TRY(open_log(session, *head.file));
    const auto fill = [&](const NewLog::Write& write) {
        return head.is_mid_piece ? write_sealed_anew(*bytes, head, session.stop(), write)
                                 : copy_range(*bytes, 0, head.keep, session.stop(), write);
    };
    TM_CHECK(log.add_file(head.entry.file, head.file->path, fill));
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
