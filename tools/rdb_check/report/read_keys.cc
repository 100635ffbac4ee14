#include "tools/rdb_check/report/read_keys.h"

#include <fmt/format.h>

#include "rdb/codec/finding.h"
#include "rdb/codec/types.h"
#include "rdb/codec/unique.h"
#include "tools/common/text.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using rdb::RecordKind;
using rdb::RecordReader;
using tools::Session;

constexpr uint64_t kProgressBytes = 1024 * 1024;

// Whether the members of a collection are all different is a question for `check`, which has room
// on disk for them; here those that RAM has no room for are believed.
class Believed final : public rdb::UniqueSpill {
public:
    Status begin() override { return {}; }
    Status add(const rdb::Hash128&) override { return {}; }
    Result<bool> all_different() override { return true; }
};

class KeyReading {
public:
    KeyReading(tools::Source& source, Measure& measure, Session& session)
        : records_(source, measure, &believed_),
          measure_(measure),
          session_(session),
          size_(source.size()),
          base_(source.base_offset()) {}

    Result<ReadOutcome> run() {
        Status status = records_.read_head();
        while (status) {
            const auto record = records_.next();
            if (!record) {
                status = fail(record.error());
                break;
            }
            if ((*record)->kind == RecordKind::kEof) {
                status = records_.read_trailer();
                break;
            }
            if ((*record)->kind == RecordKind::kKey) status = read_value();
            if (status && records_.offset() >= next_progress_) status = tell_progress();
        }
        if (status) return outcome_;
        if (!is_about_the_dump(status.error())) return fail(std::move(status).error());
        tell(status.error());
        outcome_.ended = std::move(status).error();
        return outcome_;
    }

private:
    // Damage inside a value costs this key; the next one begins where the value's frame ends.
    Status read_value() {
        Status status = records_.read_value();
        if (status || !is_about_the_dump(status.error())) return status;
        const Error damage = status.error();
        const std::optional<rdb::Finding> finding =
            records_.finding() ? std::optional(*records_.finding()) : std::nullopt;
        // Where the frame is gone, too, the first error says more than the second.
        if (!records_.skip_value()) return fail(damage);
        ++outcome_.damaged_keys;
        tell(damage, finding ? &*finding : nullptr);
        return {};
    }

    Status tell_progress() {
        next_progress_ = records_.offset() + kProgressBytes;
        return measure_.progress(records_.offset(), size_);
    }

    void tell(const Error& error) { tell(error, records_.finding()); }
    void tell(const Error& error, const rdb::Finding* finding) {
        tools::FindingView view;
        view.code = error.code == ErrorCode::kTruncated ? "truncated" : "damaged";
        view.what = error.what;
        view.begin = view.end = error.offset == kNoOffset ? base_ : base_ + error.offset;
        if (finding != nullptr) {
            view.code = rdb::row_of(finding->code).name;
            view.what = finding->what;
            view.begin = base_ + finding->begin;
            view.end = base_ + finding->end;
            view.db = finding->db;
            view.element = finding->element;
            if (finding->has_key) view.key = finding->key;
            if (const rdb::TypeRow* row = finding->type ? type_of(*finding->type) : nullptr)
                view.type = row->kind;
        }
        session_.output().finding(view);
    }
    const rdb::TypeRow* type_of(uint8_t number) const {
        return rdb::find_type(records_.state().dialect, number);
    }

    Believed believed_;
    RecordReader records_;
    Measure& measure_;
    Session& session_;
    uint64_t size_;
    uint64_t base_;
    uint64_t next_progress_ = kProgressBytes;
    ReadOutcome outcome_;
};

}  // namespace

std::string ReadOutcome::incomplete() const {
    std::string text;
    if (damaged_keys > 0) {
        text =
            fmt::format("{} damaged and left out",
                        damaged_keys == 1 ? "1 key is" : fmt::format("{} keys are", damaged_keys));
    }
    if (ended) {
        const std::string place =
            ended->offset == kNoOffset
                ? ""
                : fmt::format(" at byte {}", tools::format_offset(ended->offset));
        text += fmt::format("{}reading ended{}: {}", text.empty() ? "" : "; ", place, ended->what);
    }
    return text;
}

Result<ReadOutcome> read_keys(tools::Source& source, Measure& measure, Session& session) {
    const auto shown = session.progress("reading", source.size());
    measure.watch(*shown, session.stop());
    return KeyReading(source, measure, session).run();
}

}  // namespace tidemark::rdb_check
