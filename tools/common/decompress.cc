#include "tools/common/decompress.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace tidemark::tools {

namespace {

using namespace std::string_view_literals;

constexpr size_t kOutBytes = 1024 * 1024;

struct PackingRow {
    Packing packing;
    std::string_view name;
    std::string_view first_bytes;
};

constexpr auto kPackings =
    std::to_array<PackingRow>({{Packing::kNone, "unpacked", ""},
                               {Packing::kGzip, "gzip", "\x1f\x8b"sv},
                               {Packing::kZstd, "zstd", "\x28\xb5\x2f\xfd"sv},
                               {Packing::kLz4, "lz4", "\x04\x22\x4d\x18"sv}});

const PackingRow& row_of(Packing packing) {
    return kPackings[static_cast<size_t>(packing)];
}

tl::unexpected<Error> damaged(Packing packing, std::string_view why) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the {} data is damaged: {}", name_of(packing), why));
}

tl::unexpected<Error> ends_early(Packing packing) {
    return fail(ErrorCode::kTruncated, fmt::format("the {} data ends early", name_of(packing)));
}

// Behind a member or a frame: what does not begin another one is no part of it. Of zstd and lz4
// there are frames to be skipped, from 50 2a 4d 18 to 5f 2a 4d 18.
Status check_next_frame(Packing packing, std::string_view bytes) {
    const std::string_view magic = row_of(packing).first_bytes;
    const size_t known = std::min(magic.size(), bytes.size());
    if (bytes.substr(0, known) == magic.substr(0, known)) return {};
    const bool is_skipped = packing != Packing::kGzip && (bytes[0] & 0xf0) == 0x50 &&
                            bytes.substr(1, known - 1) == "\x2a\x4d\x18"sv.substr(0, known - 1);
    if (is_skipped) return {};
    return fail(ErrorCode::kCorrupt,
                fmt::format("other data follows behind the {} data", name_of(packing)));
}

std::string_view gzip_problem(int result) {
    switch (result) {
        case ISAL_INVALID_BLOCK:
        case ISAL_INVALID_SYMBOL:
            return "a block cannot be read";
        case ISAL_INVALID_LOOKBACK:
            return "a reference leads out of it";
        case ISAL_INVALID_WRAPPER:
            return "its head cannot be read";
        case ISAL_UNSUPPORTED_METHOD:
            return "its method is not known";
        case ISAL_INCORRECT_CHECKSUM:
            return "its checksum does not fit";
        default:
            return "it cannot be read";
    }
}

// "ERROR_contentChecksum_invalid": "contentChecksum invalid".
std::string lz4_problem(size_t result) {
    std::string text = LZ4F_getErrorName(result);
    if (text.starts_with("ERROR_")) text.erase(0, 6);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

uint8_t* bytes_of(std::string_view bytes) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));  // its API is not const
}

Status copy(const NextBytes& next, rdb::ByteSink& to) {
    while (true) {
        const std::string_view bytes = TM_TRY(next());
        if (bytes.empty()) return {};
        TM_CHECK(to.write(bytes));
    }
}

class Gunzip {
public:
    Gunzip() : state_(std::make_unique<inflate_state>()), out_(kOutBytes) { begin_member(); }

    // Takes all of `bytes`.
    Status take(std::string_view bytes, rdb::ByteSink& to) {
        state_->next_in = bytes_of(bytes);
        state_->avail_in = static_cast<uint32_t>(bytes.size());
        do {
            if (state_->block_state == ISAL_BLOCK_FINISH) {
                if (is_padding()) return {};
                TM_CHECK(check_next_frame(
                    Packing::kGzip,
                    {reinterpret_cast<const char*>(state_->next_in), state_->avail_in}));
                begin_member();
            }
            TM_CHECK(step(to));
        } while (state_->avail_in > 0 || state_->avail_out == 0);
        return {};
    }
    bool is_between_members() const { return state_->block_state == ISAL_BLOCK_FINISH; }

private:
    // Keeps next_in and avail_in.
    void begin_member() {
        if (is_begun_) {
            isal_inflate_reset(state_.get());
        } else {
            isal_inflate_init(state_.get());
        }
        is_begun_ = true;
        state_->crc_flag = ISAL_GZIP;
    }

    // Tapes and some block devices fill up with zeros behind the last member.
    bool is_padding() const {
        for (uint32_t i = 0; i < state_->avail_in; ++i) {
            if (state_->next_in[i] != 0) return false;
        }
        return true;
    }

    Status step(rdb::ByteSink& to) {
        state_->next_out = out_.data();
        state_->avail_out = static_cast<uint32_t>(out_.size());
        const int result = isal_inflate(state_.get());
        const size_t made = out_.size() - state_->avail_out;
        TM_CHECK(to.write({reinterpret_cast<const char*>(out_.data()), made}));
        if (result < 0) return damaged(Packing::kGzip, gzip_problem(result));
        return {};
    }

    std::unique_ptr<inflate_state> state_;
    std::vector<uint8_t> out_;
    bool is_begun_ = false;
};

Status gunzip(const NextBytes& next, rdb::ByteSink& to) {
    Gunzip gunzip;
    while (true) {
        const std::string_view bytes = TM_TRY(next());
        if (bytes.empty()) break;
        TM_CHECK(gunzip.take(bytes, to));
    }
    return gunzip.is_between_members() ? Status{} : ends_early(Packing::kGzip);
}

Status unzstd(const NextBytes& next, rdb::ByteSink& to) {
    const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
    // A frame may ask for a window of 2 GiB; dumps do not.
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27);
    std::vector<char> made(kOutBytes);
    size_t wanted = 1;  // 0: between frames
    while (true) {
        const std::string_view bytes = TM_TRY(next());
        if (bytes.empty()) break;
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        ZSTD_outBuffer out{};
        do {
            if (wanted == 0 && in.pos < in.size)
                TM_CHECK(check_next_frame(Packing::kZstd, bytes.substr(in.pos)));
            out = {made.data(), made.size(), 0};
            wanted = ZSTD_decompressStream(context.get(), &out, &in);
            if (ZSTD_isError(wanted) != 0)
                return damaged(Packing::kZstd, ZSTD_getErrorName(wanted));
            TM_CHECK(to.write({made.data(), out.pos}));
        } while (in.pos < in.size || out.pos == out.size);
    }
    return wanted == 0 ? Status{} : ends_early(Packing::kZstd);
}

Status unlz4(const NextBytes& next, rdb::ByteSink& to) {
    LZ4F_dctx* raw = nullptr;
    LZ4F_createDecompressionContext(&raw, LZ4F_VERSION);
    const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> context(
        raw, LZ4F_freeDecompressionContext);
    std::vector<char> made(kOutBytes);
    size_t wanted = 1;  // 0: between frames
    while (true) {
        std::string_view bytes = TM_TRY(next());
        if (bytes.empty()) break;
        size_t written = 0;
        do {
            if (wanted == 0 && !bytes.empty()) TM_CHECK(check_next_frame(Packing::kLz4, bytes));
            size_t taken = bytes.size();
            written = made.size();
            wanted = LZ4F_decompress(context.get(), made.data(), &written, bytes.data(), &taken,
                                     nullptr);
            if (LZ4F_isError(wanted) != 0) return damaged(Packing::kLz4, lz4_problem(wanted));
            TM_CHECK(to.write({made.data(), written}));
            bytes.remove_prefix(taken);
        } while (!bytes.empty() || written == made.size());
    }
    return wanted == 0 ? Status{} : ends_early(Packing::kLz4);
}

}  // namespace

Packing detect_packing(std::string_view first_bytes) {
    for (const PackingRow& row : kPackings) {
        if (!row.first_bytes.empty() && first_bytes.starts_with(row.first_bytes))
            return row.packing;
    }
    return Packing::kNone;
}

std::string_view name_of(Packing packing) {
    return row_of(packing).name;
}

std::string_view packing_still_there(std::string_view first_bytes) {
    if (first_bytes.starts_with("\xfd"
                                "7zXZ"sv))
        return "xz";
    if (first_bytes.starts_with("BZh"sv)) return "bzip2";
    if (first_bytes.starts_with("PK\x03\x04"sv)) return "zip";
    const Packing packing = detect_packing(first_bytes);
    return packing == Packing::kNone ? std::string_view() : name_of(packing);
}

Status decompress(Packing packing, const NextBytes& next, rdb::ByteSink& to) {
    switch (packing) {
        case Packing::kGzip:
            return gunzip(next, to);
        case Packing::kZstd:
            return unzstd(next, to);
        case Packing::kLz4:
            return unlz4(next, to);
        case Packing::kNone:
            break;
    }
    return copy(next, to);
}

}  // namespace tidemark::tools
