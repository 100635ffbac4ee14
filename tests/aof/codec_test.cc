#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "aof/codec/annotation.h"
#include "aof/codec/manifest.h"
#include "aof/codec/record.h"
#include "aof/codec/scan.h"
#include "aof/codec/seal_search.h"
#include "aof/group_buffer.h"
#include "tests/aof/record_text.h"

using namespace tidemark;
using namespace tidemark::aof;

namespace {

// Reads to the end; what came out, one line an item, is easy to compare.
std::string items(std::string_view bytes) {
    MemorySource source(bytes);
    Scanner scanner(source, 0);
    std::string out;
    while (true) {
        const Item item = scanner.next();
        switch (item.kind) {
            case ItemKind::kRecord:
                out += item.sealed ? "sealed(" : "record(";
                for (std::string_view arg : scanner.args_of(item)) out += std::string(arg) + " ";
                out.back() = ')';
                break;
            case ItemKind::kTimestamp:
                out += "ts";
                break;
            case ItemKind::kSeal:
                out += "seal";
                break;
            case ItemKind::kAnnotation:
                out += "note";
                break;
            case ItemKind::kFill:
                out += "fill" + std::to_string(item.length);
                break;
            case ItemKind::kPause:
                break;
            case ItemKind::kProblem:
                return out + (item.problem == Problem::kTruncated ? "cut" : "bad");
            case ItemKind::kEnd:
                return out + "end";
        }
        out += ' ';
        scanner.release();
    }
}

// A file as the log writes it: two groups, one with a transaction, then a window.
std::string sealed_file() {
    GroupBuffer groups(0);
    const std::array<std::string_view, 3> set = {"SET", "key", "value"};
    const std::array<std::string_view, 3> append = {"APPEND", "key",
                                                    std::string_view("\r\n\0*1", 5)};
    groups.append({0, set, {}});
    groups.close_group(0, 0);
    groups.begin_transaction();
    groups.append({3, set, {}});
    groups.append({3, append, {}});
    groups.end_transaction();
    groups.close_group(0, 0);
    std::string file(groups.segment(0));
    const uint64_t end = fill_boundary_after(file.size()) + kFillLineBytes;
    std::string fill(end - file.size(), '\0');
    write_fill(fill.data(), file.size(), end);
    return file + fill;
}

std::vector<std::string> problems_of(std::string_view text) {
    std::vector<ManifestProblem> problems;
    parse_manifest(text, problems);
    std::vector<std::string> out;
    for (const ManifestProblem& p : problems) out.push_back(std::to_string(p.line) + ": " + p.what);
    return out;
}

}  // namespace

TEST_CASE("aof/record: a record has one form") {
    CHECK(record({"SET", "k", ""}) == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
    CHECK(record({std::string(10, 'x')}) == "*1\r\n$10\r\nxxxxxxxxxx\r\n");
    const std::vector<std::string_view> args(12, "ab");
    CHECK(record_bytes(args) == record(args).size());
}

TEST_CASE("aof/annotation: a seal reads back, and only in its own spelling") {
    std::string line(kSealBytes, '\0');
    write_seal(line.data(), 0x1234, 0xabc, "body");
    const auto seal = parse_seal(line);
    REQUIRE(seal.has_value());
    CHECK(seal->offset == 0x1234);
    CHECK(seal->durable == 0xabc);
    CHECK(seal->length == 4);
    CHECK(seal->crc == seal_crc(line, "body"));
    for (size_t i = 0; i < kSealBytes; ++i) {
        std::string flipped = line;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x20);
        const auto other = parse_seal(flipped);
        if (other) CHECK(seal_crc(flipped, "body") != other->crc);
    }
}

TEST_CASE("aof/annotation: fill lines end at sectors, each in CRLF") {
    for (uint64_t from : {0U, 1U, 509U, 510U, 511U, 512U, 700U}) {
        const uint64_t end = fill_boundary_after(from) + 512;
        std::string fill(end - from, 'x');
        write_fill(fill.data(), from, end);
        CHECK(items(fill) == "fill" + std::to_string(fill.size()) + " end");
        CHECK(fill.substr(fill.size() - 514) == "\r\n" + std::string(510, '#') + "\r\n");
    }
}

TEST_CASE("aof/scan: records, annotations and their ends") {
    const std::string set = record({"SET", "k", "v"});
    CHECK(items(set + "#TS:1700000000\r\n" + set + "#note\r\n") ==
          "record(SET k v) ts record(SET k v) note end");
    CHECK(items("#" + std::string(1021, 'x') + "\r\n") == "note end");
    CHECK(items("#" + std::string(1022, 'x') + "\r\n") == "bad");
    CHECK(items("*0\r\n") == "bad");
    CHECK(items("*-1\r\n") == "bad");
    CHECK(items("*1\r\n$-1\r\n") == "bad");
    CHECK(items("*1000000000\r\n$3\r\nSET\r\n") == "bad");
    CHECK(items("*1\r\n$9000000000000\r\nx\r\n") == "bad");
    CHECK(items("*1\r\n$1\r\nxy\n") == "bad");
    CHECK(items("*1000\r\n$3\r\nSET\r\n") == "cut");
    CHECK(items(std::string(1, '\0') + set) == "bad");
}

TEST_CASE("aof/scan: a record larger than the read window comes whole") {
    const std::string value(3 * 1024 * 1024, 'v');
    const std::string bytes =
        record({"SET", "k", "1"}) + record({"SET", "big", value}) + record({"SET", "k", "2"});
    MemorySource source(bytes);
    Scanner scanner(source, 0);
    std::vector<size_t> sizes;
    while (true) {
        const Item item = scanner.next();
        if (item.kind == ItemKind::kPause) {
            scanner.release();
            continue;
        }
        if (item.kind != ItemKind::kRecord) break;
        sizes.push_back(scanner.args_of(item)[2].size());
    }
    CHECK(sizes == std::vector<size_t>{1, value.size(), 1});
}

TEST_CASE("aof/scan: our own file, cut at every byte, gives a prefix and never a half") {
    const std::string file = sealed_file();
    const std::string whole = items(file);
    CHECK(whole.find("seal sealed(select 0) sealed(SET key value) seal sealed(select 3) "
                     "sealed(multi)") == 0);
    for (size_t cut = 0; cut < file.size(); ++cut) {
        const std::string got = items(std::string_view(file).substr(0, cut));
        const std::string kept = got.substr(0, got.rfind(' ') + 1);
        if (kept.find("fill") != std::string::npos) continue;
        CHECK(whole.substr(0, kept.size()) == kept);
    }
}

TEST_CASE("aof/scan: no flipped bit under a seal goes through") {
    const std::string file = sealed_file();
    const std::string whole = items(file);
    const size_t sealed_end = file.find("##");
    for (size_t at = 0; at < sealed_end; ++at) {
        for (int bit = 0; bit < 8; bit += 3) {
            std::string flipped = file;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
            // The groups before the flip, at most; or, where the `#TM` itself is hit, items that no
            // seal covers.
            const std::string got = items(flipped);
            CHECK(got != whole);
            for (size_t pos = got.find("sealed("); pos != std::string::npos;
                 pos = got.find("sealed(", pos + 1)) {
                CHECK(whole.substr(pos, 8) == got.substr(pos, 8));
            }
        }
    }
}

TEST_CASE("aof/seal search: finds the seal behind damage, and only a true one") {
    std::string file(400'000, 'x');
    std::string line(kSealBytes, '\0');
    write_seal(line.data(), 300'001, 200'000, "the end");
    file.replace(300'001, kSealBytes + 7, line + "the end");
    file.replace(100'000, kSealBytes + 7, line + "the end");  // a copy in the wrong place
    MemorySource source(file);
    const auto found = find_seal(source, 10, 150'000);
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    CHECK((*found)->offset == 300'001);
    CHECK_FALSE(find_seal(source, 10, 200'001)->has_value());
    file[300'001 + kSealBytes] = 'T';
    CHECK_FALSE(find_seal(source, 10, 150'000)->has_value());
}

TEST_CASE("aof/group buffer: a transaction too long for its piece begins one") {
    GroupBuffer groups(0, 300);
    const std::string value(120, 'v');
    const std::array<std::string_view, 3> set = {"SET", "k", value};
    groups.append({0, set, {}});
    groups.begin_transaction();
    for (int i = 0; i < 5; ++i) groups.append({0, set, {}});
    groups.end_transaction();
    groups.close_group(0, 0);
    const std::string got = items(groups.segment(0));
    const size_t multi = got.find("sealed(multi)");
    REQUIRE(multi != std::string::npos);
    CHECK(got.substr(multi - 5, 5) == "seal ");
    CHECK(got.find("sealed(exec) end") != std::string::npos);
}

TEST_CASE("aof/manifest: what it reads it writes, unknown pairs and quotes included") {
    const std::string text =
        "file \"append only.aof.1.base.rdb\" seq 1 type b size 63\n"
        "file a.1.incr.aof seq 1 type h\n"
        "file a.2.incr.aof seq 2 type i seals 1 \"odd key\" \"\\x01\\\"\"\n";
    const auto manifest = parse_manifest(text);
    REQUIRE(manifest.has_value());
    CHECK(manifest->base->file == "append only.aof.1.base.rdb");
    CHECK(manifest->increments[0].find("SEALS") == "1");
    CHECK(manifest->next_increment_seq() == 3);
    CHECK(format_manifest(*manifest) == text);
}

TEST_CASE("aof/manifest: every rule has its line number") {
    const auto first = [](std::string_view text) {
        const auto all = problems_of(text);
        return all.empty() ? std::string("fine") : all[0];
    };
    CHECK(first("# comment\nFILE a SEQ 1 TYPE i\n") == "fine");
    CHECK(first("") == "1: names no file");
    CHECK(first("file a seq 1 type i\n\n") == "2: blank line");
    CHECK(first("file a seq 1 type\n").substr(0, 8) == "1: 5 wor");
    CHECK(first("file a seq 1 type i") == "1: no newline at the end of the line");
    CHECK(first("file a seq 1 type x\n") == "1: unknown file type");
    CHECK(first("file a seq 0 type i\n") == "1: seq is missing, zero or not a number");
    CHECK(first("file ../a seq 1 type i\n") == "1: file '../a' is a path, not a bare name");
    CHECK(first("file \"a seq 1 type i\n") == "1: quotes out of balance");
    CHECK(first("file a seq 1 type b\nfile b seq 2 type b\n") == "2: a second base");
    CHECK(first("file a seq 2 type i\nfile b seq 2 type i\n").substr(0, 8) == "2: seq 2");
    CHECK(first("file a seq 1 type i\nfile a seq 2 type i\n") == "2: file 'a' is named twice");
    CHECK(first("file " + std::string(1100, 'a') + " seq 1 type i\n") ==
          "1: longer than 1024 bytes");
    CHECK(problems_of("file a seq 0 type i\nfile b seq 1 type q\n").size() == 2);
}

TEST_CASE("aof/manifest: a line that quoting would make too long to be read again is refused") {
    const std::string name(255, '\x01');  // four characters each in quotes
    const auto refused = parse_manifest("file " + name + " seq 1 type i\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "line 1: too long to be written again");
    CHECK(parse_manifest("file " + name.substr(10) + " seq 1 type i\n"));
}

TEST_CASE("aof/manifest: cut at every byte it is an error or a shorter list, never a crash") {
    const std::string text =
        "file a.1.base.aof seq 1 type b\nfile \"a b\" seq 1 type i seals 1\nfile c seq 2 type i\n";
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        const auto manifest = parse_manifest(text.substr(0, cut));
        CHECK(manifest.has_value() == (cut > 0 && text[cut - 1] == '\n'));
    }
}
