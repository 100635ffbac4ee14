// LCS: the longest common subsequence of two strings, by dynamic programming.
//
// The table of lengths is kept as two rows; what is needed to walk back from the end is one bit a
// cell ("go up or go left"), so the memory is a 32nd of a full table's.
#include <array>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

using engine::ReadTxn;

// Half a GiB of direction bits, some 4 seconds of work: two strings of 64 KiB. Redis refuses when a
// table of four bytes a cell cannot be had, 16 GiB at this size.
constexpr uint64_t kMaxCells = 1ULL << 32;

struct LcsOptions {
    bool indexes = false;
    bool length_only = false;
    bool with_match_length = false;
    int64_t min_match_length = 0;
};

// A run of equal bytes in both strings, both ends included.
struct Match {
    size_t a_first;
    size_t a_last;
    size_t b_first;
    size_t b_last;

    size_t length() const { return a_last - a_first + 1; }
};

struct Lcs {
    size_t length = 0;
    std::string text;
    std::vector<Match> matches;  // from the last to the first
};

class DirectionBits {
public:
    DirectionBits(size_t rows, size_t columns)
        : words_per_row_(columns / 64 + 1), words_(rows * words_per_row_) {}

    void set_up(size_t row, size_t column) {
        words_[row * words_per_row_ + column / 64] |= 1ULL << (column % 64);
    }
    bool up(size_t row, size_t column) const {
        return (words_[row * words_per_row_ + column / 64] >> (column % 64) & 1) != 0;
    }

private:
    size_t words_per_row_;
    std::vector<uint64_t> words_;
};

// Fills `directions`, if given, and returns the length of the subsequence. Where both neighbours
// are equally good the walk back goes left, as in Redis.
size_t fill_table(std::string_view a, std::string_view b, DirectionBits* directions) {
    std::vector<uint32_t> above(b.size() + 1);
    std::vector<uint32_t> row(b.size() + 1);
    for (size_t i = 0; i < a.size(); ++i) {
        for (size_t j = 0; j < b.size(); ++j) {
            if (a[i] == b[j]) {
                row[j + 1] = above[j] + 1;
            } else if (above[j + 1] > row[j]) {
                row[j + 1] = above[j + 1];
                if (directions != nullptr) directions->set_up(i, j);
            } else {
                row[j + 1] = row[j];
            }
        }
        above.swap(row);
    }
    return above[b.size()];
}

Lcs walk_back(std::string_view a, std::string_view b, size_t length,
              const DirectionBits& directions) {
    Lcs found{length, std::string(length, '\0'), {}};
    bool in_run = false;
    size_t i = a.size();
    size_t j = b.size();
    size_t left = length;
    while (i > 0 && j > 0) {
        if (a[i - 1] == b[j - 1]) {
            --i;
            --j;
            found.text[--left] = a[i];
            if (!in_run) found.matches.push_back({i, i, j, j});
            found.matches.back().a_first = i;
            found.matches.back().b_first = j;
            in_run = true;
            continue;
        }
        in_run = false;
        if (directions.up(i - 1, j - 1)) {
            --i;
        } else {
            --j;
        }
    }
    return found;
}

Lcs find_lcs(std::string_view a, std::string_view b, const LcsOptions& options) {
    if (options.length_only) return {fill_table(a, b, nullptr), {}, {}};
    DirectionBits directions(a.size(), b.size());
    const size_t length = fill_table(a, b, &directions);
    return walk_back(a, b, length, directions);
}

void reply_match(resp::Reply& reply, const Match& match, bool with_length) {
    reply.array(with_length ? 3 : 2);
    reply.array(2);
    reply.integer(static_cast<int64_t>(match.a_first));
    reply.integer(static_cast<int64_t>(match.a_last));
    reply.array(2);
    reply.integer(static_cast<int64_t>(match.b_first));
    reply.integer(static_cast<int64_t>(match.b_last));
    if (with_length) reply.integer(static_cast<int64_t>(match.length()));
}

void reply_indexes(resp::Reply& reply, Lcs& found, const LcsOptions& options) {
    std::erase_if(found.matches, [&](const Match& match) {
        return static_cast<int64_t>(match.length()) < options.min_match_length;
    });
    reply.map(2);
    reply.bulk("matches");
    reply.array(found.matches.size());
    for (const Match& match : found.matches) {
        reply_match(reply, match, options.with_match_length);
    }
    reply.bulk("len");
    reply.integer(static_cast<int64_t>(found.length));
}

std::optional<LcsOptions> parse_lcs_options(Call& call) {
    LcsOptions options;
    for (size_t i = 3; i < call.args.size(); ++i) {
        const std::string_view arg = call.args[i];
        if (is_option(arg, "IDX")) {
            options.indexes = true;
        } else if (is_option(arg, "LEN")) {
            options.length_only = true;
        } else if (is_option(arg, "WITHMATCHLEN")) {
            options.with_match_length = true;
        } else if (is_option(arg, "MINMATCHLEN") && i + 1 < call.args.size()) {
            const auto length = integer_arg(call, ++i);
            if (!length) return std::nullopt;
            options.min_match_length = *length;
        } else {
            call.reply.error(errors::kSyntax);
            return std::nullopt;
        }
    }
    if (options.indexes && options.length_only) {
        call.reply.error(errors::kLcsLenAndIdx);
        return std::nullopt;
    }
    return options;
}

void lcs(const ReadTxn& txn, Call& call) {
    const auto a = txn.find_string(call.key(txn, 1));
    const auto b = txn.find_string(call.key(txn, 2));
    if (!a || !b) return call.reply.error(errors::kLcsNotStrings);
    const auto options = parse_lcs_options(call);
    if (!options) return;
    const std::string_view a_text = *a ? (*a)->text() : std::string_view();
    const std::string_view b_text = *b ? (*b)->text() : std::string_view();
    if ((a_text.size() + 1) * (b_text.size() + 1) > kMaxCells) {
        return call.reply.error(errors::kLcsMemory);
    }

    Lcs found = find_lcs(a_text, b_text, *options);
    if (options->indexes) {
        reply_indexes(call.reply, found, *options);
    } else if (options->length_only) {
        call.reply.integer(static_cast<int64_t>(found.length));
    } else {
        call.reply.bulk(found.text);
    }
}

constexpr auto kLcsCommands = std::to_array<CommandSpec>({
    {"LCS", -3, 0, {1, 2, 1}, ReadHandler{lcs}, "string"},
});

}  // namespace

std::span<const CommandSpec> lcs_commands() {
    return kLcsCommands;
}

}  // namespace tidemark::cmd
