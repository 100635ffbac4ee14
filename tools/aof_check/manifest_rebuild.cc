#include "tools/aof_check/manifest_rebuild.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "tools/aof_check/file_check.h"

namespace tidemark::aof_check {

namespace {

using tools::Session;

struct Candidate {
    std::string name;
    std::string path;
    uint64_t seq = 0;
    uint64_t size = 0;
    int64_t changed_at = 0;
    bool is_sealed = false;
};

class Rebuilder {
public:
    Rebuilder(const Chain& chain, Session& session, const RebuildWish& wish)
        : chain_(chain), session_(session), wish_(wish) {}

    Result<RebuiltManifest> run() {
        TM_CHECK(collect());
        TM_CHECK(choose_base());
        TM_CHECK(choose_increments());
        return RebuiltManifest{std::move(manifest_), std::move(notes_)};
    }

private:
    Status collect() {
        std::vector<std::string> names;
        for (const Leftover& one : chain_.leftovers) names.push_back(one.name);
        for (const ChainFile& file : chain_.files) names.push_back(file.name);
        for (const ChainFile& file : chain_.history) names.push_back(file.name);
        for (const std::string& name : names) {
            const auto said = aof::parse_log_file_name(name, chain_.appendfilename);
            struct stat status {};
            const std::string path = chain_.path_of(name);
            if (!said || said->seq == 0 || stat(path.c_str(), &status) != 0) continue;
            Candidate one{
                name, path, said->seq, static_cast<uint64_t>(status.st_size), status.st_mtim.tv_sec,
                false};
            one.is_sealed = TM_TRY(begins_with_seal(one));
            (said->is_base ? bases_ : increments_).push_back(std::move(one));
        }
        const auto by_seq = [](const Candidate& a, const Candidate& b) { return a.seq < b.seq; };
        std::sort(bases_.begin(), bases_.end(), by_seq);
        std::sort(increments_.begin(), increments_.end(), by_seq);
        return {};
    }

    Result<bool> begins_with_seal(const Candidate& one) {
        const auto bytes = TM_TRY(open_log(session_, one.path));
        char head[aof::kSealPrefix.size()];
        const size_t got = TM_TRY(bytes->read_at(head, sizeof head, 0));
        return std::string_view(head, got) == aof::kSealPrefix;
    }

    Status choose_base() {
        if (!wish_.base.empty()) {
            std::erase_if(bases_, [&](const Candidate& one) { return one.name != wish_.base; });
            if (bases_.empty())
                return fail(ErrorCode::kInvalid,
                            fmt::format("--base: there is no base {}", wish_.base));
        }
        if (bases_.size() > 1) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{} and {} are both bases; --base says which counts (the newer "
                                    "one, if it is whole)",
                                    bases_[0].name, bases_.back().name));
        }
        if (bases_.empty() || bases_[0].size == 0) return {};
        const auto bytes = TM_TRY(open_log(session_, bases_[0].path));
        const Preamble preamble = TM_TRY(read_preamble(bytes->source(), session_.stop(), {}));
        made_at_ = preamble.made_at;
        if (preamble.damage)
            notes_.push_back(fmt::format("the base is damaged: {}", preamble.damage->what));
        return {};
    }

    // The base was begun when its first increment was opened, so what was last written before that
    // is in it already.
    Status choose_increments() {
        for (const Candidate& one : increments_) {
            const bool is_last = one.seq == increments_.back().seq;
            const bool told = wish_.from_seq != 0;
            const bool is_older =
                made_at_ && one.changed_at < *made_at_ && !is_last && one.size > 0;
            // Each rewrite counts both numbers up by one at least.
            const bool is_replaced = !bases_.empty() && one.seq < bases_[0].seq;
            if (told ? one.seq < wish_.from_seq : is_older || is_replaced) {
                notes_.push_back(fmt::format("{} is left out: {}", one.name,
                                             told ? "--from-seq"
                                                  : "from before the base was made, so the base "
                                                    "holds it (--from-seq takes it in)"));
                continue;
            }
            aof::ManifestEntry entry;
            entry.file = one.name;
            entry.seq = one.seq;
            if (one.is_sealed) entry.set(aof::kSealsKey, "1");
            manifest_.increments.push_back(std::move(entry));
        }
        if (!bases_.empty()) {
            manifest_.base.emplace();
            manifest_.base->file = bases_[0].name;
            manifest_.base->seq = bases_[0].seq;
        } else {
            notes_.push_back("there is no base: if there was one, its keys are missing");
        }
        if (!manifest_.base && manifest_.increments.empty())
            return fail(ErrorCode::kNotFound,
                        fmt::format("{} holds no file of a log", chain_.folder));
        return {};
    }

    const Chain& chain_;
    Session& session_;
    const RebuildWish& wish_;
    std::vector<Candidate> bases_;
    std::vector<Candidate> increments_;
    std::optional<int64_t> made_at_;
    aof::Manifest manifest_;
    std::vector<std::string> notes_;
};

}  // namespace

Result<RebuiltManifest> rebuild_manifest(const Chain& chain, Session& session,
                                         const RebuildWish& wish) {
    return Rebuilder(chain, session, wish).run();
}

}  // namespace tidemark::aof_check
