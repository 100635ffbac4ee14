#include "tools/common/source.h"

#include <doctest/doctest.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>

#include <zstd.h>

#include <filesystem>

#include "base/random.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"
#include "tools/common/decompress.h"

namespace tidemark::tools {
namespace {

using rdb::operator""_b;
using support::TempFolder;
using support::write_text_file;

std::string gzip(std::string_view text) {
    std::string packed(text.size() + 1024, '\0');
    isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uint32_t>(text.size());
    stream.next_out = reinterpret_cast<uint8_t*>(packed.data());
    stream.avail_out = static_cast<uint32_t>(packed.size());
    REQUIRE(isal_deflate_stateless(&stream) == COMP_OK);
    packed.resize(stream.total_out);
    return packed;
}

std::string zstd(std::string_view text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
    return packed;
}

std::string lz4(std::string_view text) {
    std::string packed(LZ4F_compressFrameBound(text.size(), nullptr), '\0');
    packed.resize(
        LZ4F_compressFrame(packed.data(), packed.size(), text.data(), text.size(), nullptr));
    return packed;
}

// Larger than any buffer on the way, and not compressible to nothing.
std::string long_text() {
    Random random(7);
    std::string text;
    while (text.size() < 5'000'000) text += std::to_string(random.next() % 100'000) + " ";
    return text;
}

std::string read_whole_source(Source& source) {
    std::string bytes(source.size(), '\0');
    const Result<size_t> n = source.read_at(bytes.data(), bytes.size(), 0);
    REQUIRE(n);
    CHECK(*n == bytes.size());
    return bytes;
}

struct Opened {
    std::string bytes;
    std::string origin;
    bool is_whole = false;
};

Opened open_bytes(std::string_view bytes, SourceOptions options = {}) {
    const TempFolder folder;
    options.growing = Growing::kReadWhatIsThere;  // a new file is looked at twice otherwise
    write_text_file(folder / "input", bytes);
    auto source = open_source(folder / "input", options);
    REQUIRE(source);
    return {read_whole_source(**source), (*source)->origin(), !(*source)->unpack_error()};
}

TEST_CASE("rdb_check/source: gzip, zstd and lz4 are told by their first bytes and unpacked") {
    const std::string text = long_text();
    for (auto* pack : {gzip, zstd, lz4}) {
        const Opened opened = open_bytes(pack(text));
        CHECK(opened.bytes == text);
        CHECK(opened.is_whole);
        CHECK(opened.origin.starts_with("unpacked from "));
    }
    CHECK(open_bytes(text).bytes == text);
    CHECK(open_bytes(text).origin.empty());
}

TEST_CASE(
    "rdb_check/source: members behind each other are one text; zeros behind them are nothing") {
    const std::string text = long_text();
    CHECK(open_bytes(gzip("first ") + gzip(text) + gzip("last")).bytes == "first " + text + "last");
    CHECK(open_bytes(zstd("first ") + zstd(text)).bytes == "first " + text);
    CHECK(open_bytes(lz4("first ") + lz4(text)).bytes == "first " + text);
    CHECK(open_bytes(gzip("tape") + std::string(10'000, '\0')).is_whole);
}

TEST_CASE("rdb_check/source: packed bytes cut anywhere give what came before, and say so") {
    const std::string text = "a text that is packed, and cut at each of its bytes";
    for (auto* pack : {gzip, zstd, lz4}) {
        const std::string packed = pack(text);
        for (size_t size = kPackingMagicBytes; size < packed.size(); ++size) {
            const Opened opened = open_bytes(std::string_view(packed).substr(0, size));
            CHECK_FALSE(opened.is_whole);
            CHECK(text.starts_with(opened.bytes));
        }
    }
}

std::string unpack_problem(std::string_view bytes) {
    const TempFolder folder;
    write_text_file(folder / "input", bytes);
    const auto source = open_source(folder / "input", {});
    if (!source) return source.error().what;
    return (*source)->unpack_error() ? (*source)->unpack_error()->what : "";
}

TEST_CASE("rdb_check/source: what is wrong with packed bytes is said in words") {
    for (auto* pack : {gzip, zstd, lz4}) {
        const std::string packed = pack("a text");
        for (const char* rest : {"x", "\n", "more than four bytes of it"})
            CHECK(unpack_problem(packed + rest).find("other data follows") == 0);
        for (size_t i = kPackingMagicBytes; i < packed.size(); ++i) {
            std::string bad = packed;
            bad[i] = static_cast<char>(bad[i] ^ 0xff);
            CHECK(unpack_problem(bad).find("error") == std::string::npos);
            CHECK(unpack_problem(bad).find('_') == std::string::npos);
        }
    }
    std::string bad = gzip("a text");
    bad[bad.size() - 8] ^= 1;
    CHECK(unpack_problem(bad) == "the gzip data is damaged: its checksum does not fit");
    // A frame that is to be skipped.
    CHECK(unpack_problem(zstd("a text") + "\x50\x2a\x4d\x18\x01\x00\x00\x00x"_b).empty());
}

TEST_CASE("rdb_check/source: a packing that is not unpacked here is named") {
    CHECK(unpack_problem("\xfd"
                         "7zXZ and so on") == "it is packed with xz; unpack it first");
    CHECK(unpack_problem("BZh9 and so on") == "it is packed with bzip2; unpack it first");
    CHECK(unpack_problem(gzip(gzip("a text"))) ==
          "unpacked from gzip, it is packed with gzip; unpack it first");
    CHECK(unpack_problem(gzip(zstd("a text"))).find("packed with zstd") != std::string::npos);
}

TEST_CASE("rdb_check/source: packed data that ends before anything comes out is not called empty") {
    const TempFolder folder;
    for (auto* pack : {gzip, zstd, lz4}) {
        const std::string packed = pack(rdb::dump("\x00\x01k\x01v"_b));
        for (const size_t size : {size_t{6}, size_t{11}}) {
            write_text_file(folder / "cut", packed.substr(0, size));
            for (const std::string mode : {"check", "info", "salvage", "export"}) {
                ToolRun run = run_rdb_check({mode, folder / "cut"});
                CHECK(run.exit == 1);
                CHECK((run.out + run.err).find("data ends early") != std::string::npos);
                CHECK((run.out + run.err).find("empty") == std::string::npos);
            }
        }
    }
}

TEST_CASE("rdb_check/source: info does not take the beginning of packed data for all of it") {
    const TempFolder folder;
    const std::string packed = gzip(rdb::dump("\x00\x01k\x01v"_b));
    write_text_file(folder / "cut", packed.substr(0, packed.size() - 9));
    const ToolRun run = run_rdb_check({"info", folder / "cut"});
    CHECK(run.exit == 1);
    CHECK(run.says("format: Redis dump"));
    CHECK(run.last_line().ends_with("the gzip data ends early"));
}

TEST_CASE("rdb_check/source: a replica's capture is cut to the dump that it carries") {
    const std::string mark(40, 'e');
    CHECK(open_bytes("$EOF:" + mark + "\r\nREDIS..." + mark + "*1\r\n").bytes == "REDIS...");
    CHECK(open_bytes("+FULLRESYNC abc 1\r\n\n\n$8\r\nREDIS...*1\r\n").bytes == "REDIS...");
    CHECK(open_bytes("$80\r\nREDIS...").bytes == "REDIS...");
    CHECK(open_bytes("$EOF:" + mark + "\r\nREDIS and no end").bytes == "REDIS and no end");
    CHECK(open_bytes("$not a number\r\n").bytes == "$not a number\r\n");
}

TEST_CASE("rdb_check/source: a DUMP payload is wrapped as a dump of one key") {
    SourceOptions options;
    options.payload = Payload::kHex;
    std::string payload = "\x00\x01x\x0a\x00"_b;
    payload = rdb::with_checksum(payload);
    std::string hex;
    for (const char c : payload) hex += fmt::format("{:02X} ", static_cast<uint8_t>(c));
    CHECK(open_bytes(hex, options).bytes == rdb::dump("\x00\x07payload\x01x"_b, "REDIS0010"));
    CHECK(open_bytes("\"" + escape(payload) + "\"\n", options).bytes ==
          rdb::dump("\x00\x07payload\x01x"_b, "REDIS0010"));
}

TEST_CASE("rdb_check/source: of --dump and --dump-hex the wrong one names the right one") {
    const TempFolder folder;
    const std::string payload = rdb::with_checksum("\x00\x01x\x0a\x00"_b);
    const std::string file = folder / "payload";
    const auto check = [&](std::string_view bytes, const char* option) {
        write_text_file(file, bytes);
        return run_rdb_check({"check", option, file});
    };
    CHECK(check(payload, "--dump").exit == 0);
    CHECK(check(payload + "\n", "--dump").exit == 0);  // as redis-cli writes it into a file
    const ToolRun quoted = check("\"" + escape(payload) + "\"\n", "--dump");
    CHECK(quoted.exit == 1);
    CHECK(quoted.says("--dump-hex takes"));
    CHECK(check("00 01 78 0a 00", "--dump").says("--dump-hex takes"));
    CHECK_FALSE(check(payload + "x", "--dump").says("--dump-hex"));
    const ToolRun bytes = check(payload, "--dump-hex");
    CHECK(bytes.exit == 2);
    CHECK(bytes.says("--dump takes"));
}

TEST_CASE("rdb_check/source: a folder leads to the base that its manifest names") {
    const TempFolder folder;
    std::filesystem::create_directory(folder / "appendonlydir");
    write_text_file(folder / "appendonlydir/a.manifest", "file a.1.base.rdb seq 1 type b\n");
    write_text_file(folder / "appendonlydir/a.1.base.rdb", "REDIS...");
    auto source = open_source(folder.path(), {});
    REQUIRE(source);
    CHECK(read_whole_source(**source) == "REDIS...");
    CHECK((*source)->name() == folder / "appendonlydir/a.1.base.rdb");
    write_text_file(folder / "appendonlydir/a.manifest", "file a.1.incr.aof seq 1 type i\n");
    CHECK(open_source(folder.path(), {}).error().code == ErrorCode::kNotFound);
}

TEST_CASE("rdb_check/source: a file that changes after it was opened is noticed") {
    const TempFolder folder;
    write_text_file(folder / "input", "REDIS");
    auto source = open_source(folder / "input", {});
    REQUIRE(source);
    CHECK((*source)->check_unchanged());
    write_text_file(folder / "input", "REDIS0011");
    CHECK((*source)->check_unchanged().error().what.find("--force") != std::string::npos);
    SourceOptions force;
    force.growing = Growing::kReadWhatIsThere;
    auto forced = open_source(folder / "input", force);
    write_text_file(folder / "input", "REDIS");
    CHECK((*forced)->check_unchanged());
}

}  // namespace
}  // namespace tidemark::tools
