// What the tools stand on: bounded reading, the commands' names, resynchronisation, the repair of a
// piece, and writing a file anew.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "aof/codec/command_names.h"
#include "aof/codec/log_walk.h"
#include "aof/codec/piece_repair.h"
#include "aof/codec/record.h"
#include "aof/codec/resync.h"
#include "aof/codec/seal_search.h"
#include "aof/codec/sealed_writer.h"
#include "cmd/command_table.h"
#include "tests/aof/record_text.h"

using namespace tidemark;
using namespace tidemark::aof;

namespace {

// One sealed file of these records.
std::string sealed(const std::vector<std::string>& records) {
    std::string file;
    SealedWriter writer(Sealing::kSealed, [&](std::string_view bytes) {
        file += bytes;
        return Status();
    });
    for (const std::string& one : records) CHECK(writer.add(one));
    CHECK(writer.finish());
    return file;
}

// The walk's records and its end: "3 clean", "2 malformed".
std::string walked(std::string_view bytes, Hold hold = Hold::kWhole) {
    static constexpr const char* kNames[] = {"clean",     "fill", "foreign", "torn",
                                             "truncated", "open", "damaged", "malformed"};
    MemorySource source(bytes);
    LogWalk walk(source, {0, false, hold});
    int records = 0;
    while (true) {
        const auto item = walk.next();
        REQUIRE(item);
        if (item->kind == ItemKind::kEnd) break;
        records += item->kind == ItemKind::kRecord ? 1 : 0;
        walk.release();
    }
    return std::to_string(records) + " " + kNames[static_cast<int>(walk.ending().ending)];
}

class CountingSource final : public ByteSource {
public:
    explicit CountingSource(std::string_view bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        const size_t got = TM_TRY(bytes_.read_at(to, length, offset));
        bytes_read_ += got;
        return got;
    }
    uint64_t bytes_read() const { return bytes_read_; }

private:
    MemorySource bytes_;
    uint64_t bytes_read_ = 0;
};

// Lines from `from` on that look like seals, each of them of everything behind it.
std::string only_like_seals(std::string file, size_t size) {
    size_t at = file.size();
    file.resize(size, '\n');
    for (; at + kSealBytes <= size; at += kSealBytes)
        write_seal_text(file.data() + at, {at, size - at - kSealBytes, at, 12345});
    return file;
}

std::optional<uint64_t> resync(std::string_view bytes, uint64_t start) {
    MemorySource source(bytes);
    const CommandNames names;
    const auto found = find_record(source, start, bytes.size(), names);
    REQUIRE(found);
    return *found;
}

const std::string kSet = record({"SET", "k", "v"});
const std::string kLong = record({"SET", "long", std::string(5'000'000, 'x'), "EX"});

}  // namespace

TEST_CASE(
    "aof/scan: a record past the bound is followed, its arguments cut, its neighbours whole") {
    for (const bool with_seals : {false, true}) {
        const std::string file = with_seals ? sealed({kSet, kLong, kSet}) : kSet + kLong + kSet;
        CHECK(walked(file, Hold::kBounded) == "3 clean");
        MemorySource source(file);
        Scanner scanner(source, 0, file.size(), Hold::kBounded);
        while (true) {
            const Item item = scanner.next();
            REQUIRE(item.kind != ItemKind::kProblem);
            if (item.kind == ItemKind::kEnd) break;
            if (item.partial) {
                CHECK(item.length == kLong.size());
                CHECK(item.args_total == 4);
                CHECK(scanner.args_of(item)[1] == "long");
                CHECK(scanner.args_of(item)[2].size() == kKeptArgBytes);
            }
            scanner.release();
        }
    }
}

TEST_CASE("aof/scan: damage in a record past the bound is found as in a short one") {
    const size_t end = kSet.size() + kLong.size();
    for (const size_t at : {kSet.size() + 1, kSet.size() + 13, end - 10, end - 8, end - 1}) {
        std::string file = kSet + kLong + kSet;
        file[at] = '!';
        CHECK(walked(file, Hold::kBounded) == walked(file));
        CHECK(walked(file, Hold::kBounded) == "1 malformed");
        std::string with_seals = sealed({kSet, kLong, kSet});
        with_seals[with_seals.size() / 2] = '!';
        CHECK(walked(with_seals, Hold::kBounded) == walked(with_seals));
    }
    for (const size_t cut : {1'000UL, 4'999'000UL, kLong.size() - 1}) {
        CHECK(walked((kSet + kLong).substr(0, kSet.size() + cut), Hold::kBounded) == "1 truncated");
    }
}

TEST_CASE("aof/command names: the server's own table agrees, arity by arity") {
    const CommandNames names;
    const cmd::CommandTable table = cmd::make_command_table();
    for (const cmd::CommandSpec& spec : table.specs()) {
        std::vector<std::string_view> words;
        const std::string_view full = spec.name;
        words.push_back(full.substr(0, full.find('|')));
        if (full.find('|') != std::string_view::npos)
            words.push_back(full.substr(full.find('|') + 1));
        const CommandName* row = names.find(words);
        CAPTURE(std::string(full));
        REQUIRE(row != nullptr);
        CHECK(row->arity == spec.arity);
        if (spec.is_write()) CHECK(row->logged == Logged::kLogged);
        if (spec.is_write() && row->keys.first != 0) CHECK(row->keys.first == spec.keys.first);
    }
}

TEST_CASE("aof/command names: any case is found, subcommands by their second word") {
    CommandNames names;
    const auto find = [&](std::vector<std::string_view> args) { return names.find(args); };
    CHECK(find({"sEt", "a"})->name == "SET");
    CHECK(find({"xgroup", "create"})->name == "XGROUP|CREATE");
    CHECK(find({"XGROUP", "nonsense"}) == nullptr);
    CHECK(find({std::string(100, 'S')}) == nullptr);
    CHECK(find({"JSON.SET"}) == nullptr);
    names.accept("json.set");
    CHECK(find({"Json.Set", "a"})->logged == Logged::kLogged);
}

TEST_CASE("aof/resync: records are found behind garbage, not inside it") {
    const std::string tail = kSet + record({"DEL", "a"}) + record({"INCR", "b"}) + kSet + kSet;
    CHECK(resync("garbage*3\r\n$3\r\nSET\r\n" + tail, 0) == 20);
    CHECK(resync("*2\r\n$7\r\nNOSUCH!\r\n$1\r\na\r\n" + tail, 0) == 24);
    CHECK(resync("*2\r\n$3\r\nSET\r\n$1\r\na\r\n" + tail, 0) == 20);  // arity
    CHECK(resync("x" + kSet, 0) == 1);                                // fewer, but then the end
    CHECK(resync("x" + kSet + "y", 0) == std::nullopt);
    CHECK(resync(std::string(600'000, '*') + tail, 0) == 600'000);
}

TEST_CASE("aof/piece repair: every single wrong byte is found and put right") {
    const std::string file = sealed({kSet, record({"APPEND", "key", "value"})});
    const size_t end = file.size() - kSealBytes;  // of the first piece
    for (size_t at = 0; at < end; ++at) {
        std::string wrong = file;
        wrong[at] = static_cast<char>(wrong[at] ^ static_cast<char>(at * 7 % 255 + 1));
        MemorySource source(wrong);
        const auto repaired = repair_piece(source, 0, end);
        REQUIRE(repaired);
        REQUIRE(repaired->has_value());
        CHECK((*repaired)->wrong_at == at);
        CHECK((*repaired)->bytes == file.substr(0, end));
    }
}

TEST_CASE("aof/piece repair: two wrong bytes are not put right, nor is a wrong end") {
    const std::string file = sealed({kSet, record({"APPEND", "key", "value"})});
    const size_t end = file.size() - kSealBytes;
    for (size_t at = 0; at + 9 < end; ++at) {
        std::string wrong = file;
        wrong[at] = static_cast<char>(wrong[at] ^ 1);
        wrong[at + 9] = static_cast<char>(wrong[at + 9] ^ 2);
        MemorySource source(wrong);
        CHECK_FALSE(repair_piece(source, 0, end)->has_value());
    }
    MemorySource source(file);
    CHECK_FALSE(repair_piece(source, 0, end - 1)->has_value());
    CHECK_FALSE(repair_piece(source, 0, file.size() + 1)->has_value());
}

TEST_CASE(
    "aof/sealed writer: pieces are bounded, a long transaction begins one, the end is vouched "
    "for") {
    const std::string big = record({"SET", "k", std::string(100'000, 'v')});
    std::string file;
    SealedWriter writer(Sealing::kSealed, [&](std::string_view bytes) {
        file += bytes;
        return Status();
    });
    CHECK(writer.add(kSet));
    CHECK(writer.add(record({"MULTI"}), TransactionPart::kMulti));
    for (int i = 0; i < 6; ++i) CHECK(writer.add(big));
    CHECK(writer.add(record({"EXEC"}), TransactionPart::kExec));
    CHECK(writer.finish());
    CHECK(walked(file) == "9 clean");
    CHECK(file.find("#TM:", 1) == kSealBytes + kSet.size());  // the piece that MULTI begins
    CHECK(file.substr(file.size() - kSealBytes, 4) == "#TM:");
    // All of it was durable, so a cut inside the transaction is a loss and not a torn write.
    CHECK(walked(file.substr(0, file.size() - 2 * kSealBytes)).ends_with("damaged"));
}

TEST_CASE("aof/search: lines that only look like seals cost a bounded number of readings") {
    const std::string file = only_like_seals("", 1024 * 1024);
    CountingSource source(file);
    const auto found = find_seal(source, 0, 0);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == ErrorCode::kLimit);
    const uint64_t bound =
        SearchBudget::kBytesAtLeast + (SearchBudget::kTimesRead + 3) * file.size();
    CHECK(source.bytes_read() < bound);
    // Without one: half the file for each line.
    CHECK(file.size() / kSealBytes * (file.size() / 2) > 50 * bound);
}

TEST_CASE("aof/search: a torn log behind which nothing but such lines stands counts as damaged") {
    const std::string whole = sealed({kSet});
    CHECK(walked(whole) == "1 clean");
    CHECK(walked(only_like_seals(whole, 1024 * 1024)) == "1 damaged");
}

TEST_CASE("aof/search: what only begins like records costs a bounded number of readings") {
    // Each is an argument of those before it, and what comes last is none.
    const std::string inside = "*99999\r\n$3\r\nDEL\r\n$0\r\n";
    const std::string one = "$" + std::to_string(inside.size()) + "\r\n" + inside + "\r\n";
    std::string file = "x";
    while (file.size() < 1024 * 1024) file += one;
    file += "garbage, garbage";
    MemorySource source(file);
    const CommandNames names;
    const auto found = find_record(source, 0, file.size(), names);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == ErrorCode::kLimit);
}
