#include "tools/aof_check/kept_writer.h"

#include <algorithm>

#include "aof/codec/record.h"
#include "aof/codec/sealed_writer.h"
#include "base/ascii.h"
#include "base/crc64.h"

namespace tidemark::aof_check {

namespace {

class KeptWriter {
public:
    KeptWriter(aof::ByteSource& source, const KeptOptions& options, const tools::StopFlag& stop,
               aof::SealedWriter& writer)
        : source_(source), options_(options), stop_(stop), writer_(writer) {}

    uint64_t parked() const { return parked_; }

    Status write(const Kept& range) {
        db_unknown_ = range.db_unknown;
        if (db_unknown_ && options_.db_after_gap == DbAfterGap::kAssume) {
            Buffer select;
            aof::append_select(select, options_.assumed_db);
            TM_CHECK(writer_.add(select.view()));
        }
        // To the source's end, not the range's: a seal in it may cover more than the range.
        const auto shift = static_cast<uint64_t>(range.shift);
        ShiftedBytes in_place(source_, range.shift);
        aof::Scanner scanner(in_place, range.begin - shift, in_place.size(), aof::Hold::kBounded);
        while (true) {
            aof::Item item = scanner.next();
            item.offset += shift;
            if (item.problem == aof::Problem::kIo) return fail(scanner.io_error());
            if (item.kind == aof::ItemKind::kPause) {
                scanner.release();
                continue;
            }
            if (item.offset >= range.end || item.kind == aof::ItemKind::kEnd ||
                item.kind == aof::ItemKind::kProblem) {
                return {};
            }
            TM_CHECK(write_item(scanner, item));
            scanner.release();
        }
    }

private:
    Status write_item(const aof::Scanner& scanner, const aof::Item& item) {
        if (item.kind == aof::ItemKind::kSeal || item.kind == aof::ItemKind::kFill) return {};
        auto part = aof::TransactionPart::kNone;
        if (item.kind == aof::ItemKind::kRecord) {
            const auto args = scanner.args_of(item);
            if (args.size() == 1 && same_word(args[0], "multi"))
                part = aof::TransactionPart::kMulti;
            if (args.size() == 1 && same_word(args[0], "exec")) part = aof::TransactionPart::kExec;
            if (same_word(args[0], "select")) db_unknown_ = false;
        }
        if (db_unknown_ && options_.db_after_gap == DbAfterGap::kPark) {
            parked_ += item.kind == aof::ItemKind::kRecord ? 1 : 0;
            return copy_range(source_, item.offset, item.offset + item.length, stop_,
                              options_.park);
        }
        if (item.length > aof::kHoldBytes) return write_long(item);
        bytes_.resize(item.length);
        if (TM_TRY(source_.read_at(bytes_.data(), bytes_.size(), item.offset)) != bytes_.size())
            return fail(ErrorCode::kIo, "the log became shorter while it was read");
        return writer_.add(bytes_, part);
    }

    Status write_long(const aof::Item& item) {
        const uint64_t end = item.offset + item.length;
        const auto crc_of = [&](uint64_t crc) -> Result<uint64_t> {
            const auto sum_up = [&](std::string_view bytes) {
                crc = crc64(bytes, crc);
                return Status();
            };
            TM_CHECK(copy_range(source_, item.offset, end, stop_, sum_up));
            return crc;
        };
        TM_CHECK(writer_.begin_long(item.length, crc_of));
        return copy_range(source_, item.offset, end, stop_,
                          [&](std::string_view bytes) { return writer_.add_long(bytes); });
    }

    aof::ByteSource& source_;
    const KeptOptions& options_;
    const tools::StopFlag& stop_;
    aof::SealedWriter& writer_;
    std::string bytes_;
    bool db_unknown_ = false;
    uint64_t parked_ = 0;
};

}  // namespace

Result<uint64_t> write_kept(aof::ByteSource& source, const SalvagePlan& plan,
                            const KeptOptions& options, const tools::StopFlag& stop,
                            const NewLog::Write& write) {
    const auto sealing = plan.is_sealed ? aof::Sealing::kSealed : aof::Sealing::kPlain;
    aof::SealedWriter writer(sealing, write);
    KeptWriter kept(source, options, stop, writer);
    for (const Kept& range : plan.kept) TM_CHECK(kept.write(range));
    TM_CHECK(writer.finish());
    return kept.parked();
}

}  // namespace tidemark::aof_check
