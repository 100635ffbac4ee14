#include "tools/aof_check/file_check.h"

#include <algorithm>
#include <array>

#include "aof/codec/resync.h"
#include "aof/codec/seal_search.h"
#include "base/number.h"
#include "rdb/codec/reader.h"
#include "tools/aof_check/parallel.h"

namespace tidemark::aof_check {

namespace {

constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

// A stretch of the file, walked by one thread.
struct Stretch {
    bool is_there = false;  // false: no record begins in it
    uint64_t begin = 0;
    uint64_t end = 0;         // of the last item; the next stretch must begin here
    bool ran_to_end = false;  // of the file, and facts.ending holds
    bool in_transaction = false;
    aof::LogWalk::Role first_boundary = aof::LogWalk::Role::kCommand;
    FileFacts facts;
};

void count(FileFacts& facts, const aof::Item& item, const aof::LogWalk& walk) {
    switch (item.kind) {
        case aof::ItemKind::kRecord:
            ++facts.records;
            facts.lines += 1 + 2 * item.args_total;
            if (walk.role() == aof::LogWalk::Role::kExec) ++facts.transactions;
            break;
        case aof::ItemKind::kTimestamp:
            facts.note_time(item.timestamp, item.offset);
            break;
        case aof::ItemKind::kSeal:
            ++facts.pieces;
            break;
        case aof::ItemKind::kFill:
            facts.fill_bytes += item.length;
            break;
        default:
            break;
    }
}

// Walks from options.start to the first item at or behind `until` that a stretch can begin with: a
// seal in a sealed file, a record in any other.
Result<Stretch> walk_stretch(aof::ByteSource& source, Judge judge, const aof::WalkOptions& options,
                             uint64_t until, const tools::StopFlag* stop,
                             const std::function<void(uint64_t)>& progress) {
    Stretch stretch;
    stretch.is_there = true;
    stretch.begin = options.start;
    aof::LogWalk walk(source, options);
    uint64_t next_look = options.start + kProgressBytes;
    while (true) {
        const aof::Item item = TM_TRY(walk.next());
        const aof::ItemKind first = walk.is_ours() ? aof::ItemKind::kSeal : aof::ItemKind::kRecord;
        if (item.offset >= until && item.kind == first) {
            stretch.end = item.offset;
            break;
        }
        if (item.kind == aof::ItemKind::kPause) {
            walk.release();
            continue;
        }
        if (item.kind == aof::ItemKind::kEnd) {
            stretch.ran_to_end = true;
            stretch.end = walk.ending().keep;
            break;
        }
        if (item.kind == aof::ItemKind::kRecord) {
            auto refusal = judge.refusal(walk.args_of(item), item.args_total);
            if (refusal) {
                walk.refuse(item, std::move(*refusal));
                stretch.ran_to_end = true;
                break;
            }
        }
        count(stretch.facts, item, walk);
        walk.release();
        if (walk.offset() < next_look) continue;
        next_look = walk.offset() + kProgressBytes;
        if (stop != nullptr) TM_CHECK(stop->check());
        if (progress) progress(walk.offset());
    }
    stretch.facts.is_sealed = walk.is_ours();
    stretch.facts.ending = walk.ending();
    stretch.in_transaction = walk.in_transaction();
    stretch.first_boundary = walk.first_boundary();
    return stretch;
}

Result<bool> is_sealed(aof::ByteSource& source, const FileCheckOptions& options) {
    if (options.start != 0 || options.seals_promised) return options.seals_promised;
    std::array<char, aof::kSealPrefix.size()> head{};
    const size_t got = TM_TRY(source.read_at(head.data(), head.size(), 0));
    return std::string_view(head.data(), got) == aof::kSealPrefix;
}

// Where the file is walked by several threads, each takes a chunk and looks itself for the first
// record (or seal) in it. That a stretch begins where the one before it ended proves afterwards
// that it began right.
class ParallelCheck {
public:
    ParallelCheck(aof::ByteSource& source, const Judge& judge, const FileCheckOptions& options,
                  bool sealed)
        : source_(source), judge_(judge), options_(options), sealed_(sealed) {}

    // nullopt: something does not fit; one walk from the beginning will say what.
    Result<std::optional<FileFacts>> run() {
        const uint64_t bytes = source_.size() - options_.start;
        stretches_.resize((bytes + options_.chunk_bytes - 1) / options_.chunk_bytes);
        TM_CHECK(for_each_in_parallel(
            stretches_.size(), options_.jobs, [&](size_t i) { return walk_chunk(i); },
            [&](size_t done) {
                if (options_.progress)
                    options_.progress(options_.start + done * options_.chunk_bytes);
                return options_.stop != nullptr ? options_.stop->check() : Status();
            }));
        return join();
    }

private:
    Status walk_chunk(size_t i) {
        const uint64_t begin = options_.start + i * options_.chunk_bytes;
        const uint64_t end = begin + options_.chunk_bytes;
        aof::WalkOptions walk{begin, sealed_, aof::Hold::kBounded, i > 0};
        if (i == 0) walk.seals_promised = options_.seals_promised;
        if (i > 0) {
            const auto found = TM_TRY(first_in(begin, end));
            if (!found) return {};
            walk.start = *found;
        }
        stretches_[i] = TM_TRY(walk_stretch(source_, judge_, walk, end, options_.stop, {}));
        return {};
    }

    Result<std::optional<uint64_t>> first_in(uint64_t begin, uint64_t end) {
        // Without an answer one thread reads it all.
        aof::SearchBudget budget(end - begin);
        if (!sealed_) {
            return aof::none_at_limit(
                aof::find_record(source_, begin, end, judge_.names(), budget));
        }
        const auto seal =
            TM_TRY(aof::none_at_limit(aof::find_seal(source_, begin, 0, end, budget)));
        return seal ? std::optional<uint64_t>(seal->offset) : std::optional<uint64_t>();
    }

    std::optional<FileFacts> join() const {
        FileFacts facts;
        uint64_t at = options_.start;
        bool in_transaction = false;
        bool ended = false;
        for (const Stretch& next : stretches_) {
            if (!next.is_there) continue;
            if (ended || next.begin != at) return std::nullopt;
            const auto first = next.first_boundary;
            if (first != aof::LogWalk::Role::kCommand) {
                if ((first == aof::LogWalk::Role::kExec) != in_transaction) return std::nullopt;
                in_transaction = next.in_transaction;
            }
            facts.append(next.facts);
            at = next.end;
            ended = next.ran_to_end;
            if (ended && !is_whole(next.facts.ending.ending)) return std::nullopt;
        }
        if (!ended || in_transaction) return std::nullopt;
        return facts;
    }

    static bool is_whole(aof::Ending ending) {
        return ending == aof::Ending::kClean || ending == aof::Ending::kFill ||
               ending == aof::Ending::kForeign;
    }

    aof::ByteSource& source_;
    const Judge& judge_;
    const FileCheckOptions& options_;
    bool sealed_;
    std::vector<Stretch> stretches_;
};

// Keeps what is wanted of a dump's AUX fields, and lets the rest go by.
class PreambleSink final : public rdb::ValueSink {
public:
    PreambleSink(const tools::StopFlag& stop, const std::function<void(uint64_t)>& progress)
        : stop_(stop), progress_(progress) {}

    std::optional<int64_t> made_at;

    void aux(std::string_view name, std::string_view value) override {
        if (name == "ctime") made_at = parse_int64(value);
    }
    Status progress(uint64_t done, uint64_t) override {
        if (progress_) progress_(done);
        return stop_.check();
    }
    Status begin_key(const rdb::KeyRecord&) override { return {}; }

private:
    const tools::StopFlag& stop_;
    const std::function<void(uint64_t)>& progress_;
};

}  // namespace

void FileFacts::note_time(int64_t seconds, uint64_t offset) {
    if (!first_time) first_time = seconds;
    if (last_time && seconds < *last_time && !time_goes_back_at) time_goes_back_at = offset;
    last_time = seconds;
}

void FileFacts::append(const FileFacts& next) {
    is_sealed = is_sealed || next.is_sealed;
    records += next.records;
    lines += next.lines;
    transactions += next.transactions;
    pieces += next.pieces;
    fill_bytes += next.fill_bytes;
    if (!time_goes_back_at) time_goes_back_at = next.time_goes_back_at;
    if (next.first_time) {
        if (!first_time) first_time = next.first_time;
        if (last_time && *next.first_time < *last_time && !time_goes_back_at)
            time_goes_back_at = next.ending.keep;
        last_time = next.last_time;
    }
    ending = next.ending;
}

Result<FileFacts> check_file(aof::ByteSource& source, const Judge& judge,
                             const FileCheckOptions& options) {
    if (options.jobs > 1 && source.size() > options.start + 2 * options.chunk_bytes) {
        const bool sealed = TM_TRY(is_sealed(source, options));
        const auto facts = TM_TRY(ParallelCheck(source, judge, options, sealed).run());
        if (facts) return *facts;
    }
    const aof::WalkOptions walk{options.start, options.seals_promised, aof::Hold::kBounded, false};
    return TM_TRY(walk_stretch(source, judge, walk, UINT64_MAX, options.stop, options.progress))
        .facts;
}

Result<Preamble> read_preamble(tools::Source& source, const tools::StopFlag& stop,
                               const std::function<void(uint64_t)>& progress) {
    Preamble preamble;
    std::array<char, 6> head{};
    const size_t got = TM_TRY(source.read_at(head.data(), head.size(), 0));
    const std::string_view magic(head.data(), got);
    if (!magic.starts_with("REDIS") && magic != "VALKEY") return preamble;
    PreambleSink sink(stop, progress);
    const auto summary = rdb::Reader(source, sink).read();
    preamble.made_at = sink.made_at;
    if (summary) {
        preamble.end = summary->end_offset;
        preamble.keys = summary->keys;
        preamble.is_checksummed = summary->is_checksummed;
        return preamble;
    }
    TM_CHECK(stop.check());
    const ErrorCode code = summary.error().code;
    if (code == ErrorCode::kTruncated || code == ErrorCode::kCorrupt ||
        code == ErrorCode::kUnsupported) {
        preamble.damage = summary.error();
        return preamble;
    }
    return fail(summary.error());
}

Result<size_t> HeadOf::read_at(char* to, size_t length, uint64_t offset) {
    if (offset >= size_) return size_t{0};
    return whole_.read_at(to, std::min<uint64_t>(length, size_ - offset), offset);
}

}  // namespace tidemark::aof_check
