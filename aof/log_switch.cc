// From one increment to the next: because it was asked for, because the file failed, and at the
// end. The order is the point of this file.
//
// Asked for (advance_switch):
//   1. the next file is created and synced, the manifest that names it is written and synced under
//      its temporary name, the folder's entries of both are synced; the old increment goes on
//   2. freeze: from here groups wait in memory; the old increment gets its last sync
//   3. the manifest is renamed, the folder synced
//   4. the waiting groups are written to the new file
// A crash before 3 leaves the old manifest and an orphan without data. A crash after it leaves an
// old increment that is complete, because 2 came first; so recovery may refuse a torn one.
//
// After an error (replace_failed_file): the kernel has marked the pages clean, and a second sync of
// the same file would say that all is well. So nothing behind the last good sync is believed: the
// same bytes, still in memory, go to a new file; that is synced; then the manifest says how many
// bytes of the old file count. Only then are they durable.
#include <array>
#include <string>
#include <system_error>

#include "aof/codec/annotation.h"
#include "aof/codec/record.h"
#include "aof/log.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

constexpr int64_t kRetryUs = 1'000'000;
// After a switch that failed for want of room or rights.
constexpr int64_t kSwitchRetryUs = 60'000'000;

}  // namespace

void Log::start_next_increment() {
    if (switch_ == Switch::kNone && !failed_) switch_ = Switch::kWanted;
}

void Log::advance_switch() {
    if (failed_ || switch_op_.in_flight) return;
    if (switch_ == Switch::kWanted) {
        if (const Status status = prepare_switch(); !status) abandon_switch(status.error());
        return;
    }
    const bool quiet = !groups_.group_is_open() && !write_op_.in_flight && !direct_op_.in_flight &&
                       written_ == groups_.closed_end() && refusal_.empty();
    if (switch_ == Switch::kReady && quiet) freeze();
    if (failed_ || switch_ != Switch::kSyncOld) return;
    if (last_sync_ != LastSync::kDone) return;
    if (const Status status = rename_manifest(); !status) fail_file(status.error());
}

Status Log::prepare_switch() {
    const ManifestEntry entry = our_increment(names_, next_seq_++);
    const std::string path = names_.path_of(entry.file);
    auto file = TM_TRY(disk_.open(path, io::OpenMode::kTruncate));
    next_file_ = std::make_unique<IncrementFile>(std::move(file), path, 0);
    next_manifest_ = manifest_;
    next_manifest_.increments.push_back(entry);
    switch_ = Switch::kSyncFile;
    next_file_->file().start_data_sync(switch_op_);
    return {};
}

Status Log::prepare_manifest() {
    switch_file_ = TM_TRY(disk_.open(names_.temp_manifest_path(), io::OpenMode::kTruncate));
    TM_CHECK(switch_file_->write_at(format_manifest(next_manifest_), 0));
    switch_ = Switch::kSyncManifest;
    switch_file_->start_data_sync(switch_op_);
    return {};
}

// Nothing may follow in the old file: what comes next is sealed for the new one.
void Log::freeze() {
    if (file_->window_left() > 0) {
        if (const Status cut = file_->cut(); !cut) {
            fail_file(cut.error());
            return;
        }
    }
    groups_.force_select();
    close_base_ = static_cast<int64_t>(groups_.closed_end());
    switch_ = Switch::kSyncOld;
    last_sync_ = LastSync::kDue;
    if (sync_is_due()) start_sync();
}

Status Log::rename_manifest() {
    TM_CHECK(disk_.rename(names_.temp_manifest_path(), names_.manifest_path()));
    return sync_folder(Switch::kSyncFolder);
}

// Without waiting: a folder's file descriptor takes the same sync as a file's.
Status Log::sync_folder(Switch next) {
    switch_file_ = TM_TRY(disk_.open(names_.folder(), io::OpenMode::kRead));
    switch_ = next;
    switch_file_->start_data_sync(switch_op_);
    return {};
}

void Log::on_switch_op(io::Completion completion) {
    if (failed_) return;  // replace_failed_file starts from the old manifest
    if (completion.result < 0) {
        const Error error = system_error(-completion.result, "syncing the next increment");
        if (frozen()) {
            fail_file(error);
        } else {
            abandon_switch(error);
        }
        return;
    }
    if (switch_ == Switch::kSyncFile) {
        if (const Status status = prepare_manifest(); !status) abandon_switch(status.error());
    } else if (switch_ == Switch::kSyncManifest) {
        const Status status = sync_folder(Switch::kSyncEntries);
        if (!status) abandon_switch(status.error());
    } else if (switch_ == Switch::kSyncEntries) {
        switch_ = Switch::kReady;
    } else if (switch_ == Switch::kSyncFolder) {
        finish_switch();
    }
}

void Log::finish_switch() {
    TM_ASSERT(static_cast<int64_t>(written_) == close_base_ && durable_offset_ == written_);
    older_bytes_ += file_->position();
    file_ = std::move(next_file_);
    file_base_ = close_base_;
    manifest_ = std::move(next_manifest_);
    switch_file_.reset();
    switch_ = Switch::kNone;
    ++stats_.increments_opened;
    logger_.notice("Log continues in {}", file_->path());
}

void Log::abandon_switch(const Error& error) {
    logger_.warning("The next increment could not be opened, the log stays in {}: {}",
                    file_->path(), error.what);
    drop_switch();
    switch_not_before_us_ = clock_.monotonic_us() + kSwitchRetryUs;
}

// The files that it left are removed as far as the disk lets us; recovery deletes the rest.
void Log::drop_switch() {
    if (switch_ == Switch::kNone) return;
    TM_ASSERT(!switch_op_.in_flight);
    switch_ = Switch::kNone;
    switch_file_.reset();
    if (!next_file_) return;
    const std::string path = next_file_->path();
    next_file_.reset();
    static_cast<void>(disk_.remove(path));
    static_cast<void>(disk_.remove(names_.temp_manifest_path()));
}

void Log::fail_file(const Error& error) {
    if (failed_) return;
    failed_ = true;
    ++stats_.failed_files;
    failure_ = error;
    retry_at_us_ = clock_.monotonic_us();
    logger_.warning("{}: {}; what it may have lost is written again to a new increment",
                    file_->path(), error.what);
}

void Log::retry_failed_file() {
    // What is in flight still refers to the old file.
    if (busy() || clock_.monotonic_us() < retry_at_us_) return;
    const Status status = replace_failed_file();
    if (status) return;
    retry_at_us_ = clock_.monotonic_us() + kRetryUs;
    logger_.warning("No new increment could be opened: {}", status.error().what);
    refuse(status.error());
}

Status Log::replace_failed_file() {
    // Under kNo older bytes are gone from memory. The file must then keep what it has: a hole there
    // would make all that follows useless.
    const uint64_t from = std::max(durable_offset_, groups_.first());
    if (from != durable_offset_) {
        TM_CHECK(write_again(file_->file(), position_of(durable_offset_), position_of(from)));
        TM_CHECK(file_->file().data_sync());
    }
    const ManifestEntry entry = our_increment(names_, next_seq_++);
    const std::string path = names_.path_of(entry.file);
    auto raw = TM_TRY(disk_.open(path, io::OpenMode::kTruncate));
    auto fresh = std::make_unique<IncrementFile>(std::move(raw), path, 0);
    const int64_t base = TM_TRY(write_replacement(*fresh, from));

    Manifest manifest = manifest_;
    const int64_t counts = static_cast<int64_t>(from) - file_base_;
    manifest.increments.back().set(kDurableBytesKey, std::to_string(counts));
    manifest.increments.push_back(entry);
    TM_CHECK(persist_manifest(disk_, names_, manifest));

    // Durable. The old file's rest only takes room now, and may not even let itself be cut.
    static_cast<void>(file_->file().truncate(static_cast<uint64_t>(counts)));
    if (!switch_op_.in_flight) drop_switch();
    older_bytes_ += static_cast<uint64_t>(counts);
    file_ = std::move(fresh);
    file_base_ = close_base_ = base;
    manifest_ = std::move(manifest);
    failed_ = false;
    written_ = groups_.closed_end();
    note_durable(written_);
    ++stats_.increments_opened;
    logger_.notice("Log continues in {}", file_->path());
    accept_again();
    observer_.on_released();
    return {};
}

// Everything closed from `from` on, sealed anew and synced. Returns the file's base.
Result<int64_t> Log::write_replacement(IncrementFile& file, uint64_t from) {
    Buffer head;
    if (from == groups_.closed_end()) groups_.force_select();
    if (const int db = groups_.db_at(from); db >= 0) {
        head.reserve(kSealBytes);
        head.commit(kSealBytes);
        append_select(head, db);
        write_seal(head.mutable_data(), 0, 0, head.view().substr(kSealBytes));
        TM_CHECK(file.write(head.view(), nullptr));
    }
    const int64_t base = static_cast<int64_t>(from) - static_cast<int64_t>(head.size());
    groups_.reseal(from, base, 0);
    for (uint64_t at = from; at < groups_.closed_end();) {
        const std::string_view segment = groups_.segment(at);
        TM_CHECK(file.write(segment, nullptr));
        at += segment.size();
    }
    TM_CHECK(file.file().data_sync());
    return base;
}

void Log::refuse(const Error& error) {
    std::string text = "MISCONF Errors writing to the AOF file: ";
    text += std::generic_category().message(error.sys_errno);
    if (text == refusal_) return;
    refusal_ = std::move(text);
    logger_.warning("Writes are refused: {}", error.what);
    observer_.on_writable_changed();
}

void Log::accept_again() {
    if (refusal_.empty()) return;
    refusal_.clear();
    logger_.notice("Writes are accepted again");
    observer_.on_writable_changed();
}

Status Log::close() {
    close_group();
    // Half way into another file, or with a write in flight whose result nobody will see: the same
    // cure as for a failure.
    if (failed_ || frozen() || write_op_.in_flight || direct_op_.in_flight) {
        TM_CHECK(replace_failed_file());
    }
    if (!switch_op_.in_flight) drop_switch();
    if (sync_op_.in_flight) {
        // Its result is lost, and a second sync would not repeat an error.
        TM_CHECK(write_again(file_->file(), position_of(durable_offset_), file_->position()));
    }
    TM_CHECK(write_segments());
    TM_CHECK(file_->cut());
    TM_CHECK(file_->file().data_sync());
    note_durable(written_);
    if (stats_.groups == 0) return {};
    // An empty seal that says: everything before it was synced. The last group, which no later seal
    // vouches for, can then be told from a torn one.
    std::array<char, kSealBytes> seal;
    write_seal(seal.data(), file_->position(), file_->position(), {});
    TM_CHECK(file_->write({seal.data(), seal.size()}, nullptr));
    return file_->file().data_sync();
}

}  // namespace tidemark::aof
