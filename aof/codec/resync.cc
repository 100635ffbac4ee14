#include "aof/codec/resync.h"

#include <array>
#include <string>

#include "aof/codec/frame.h"

namespace tidemark::aof {

namespace {

enum class Look : uint8_t { kRecord, kLine, kEnd, kCut, kNeither };

Look of_header(Header header) {
    return header == Header::kNeedMore ? Look::kCut : Look::kNeither;
}

bool is_line(std::string_view bytes) {
    const size_t end = bytes.find('\n');
    return end != std::string_view::npos && end > 0 && bytes[end - 1] == '\r';
}

// One item at the frame's place, which moves behind it. `names` decides whether a record fits.
Look take_item(RecordFrame& frame, const CommandNames& names) {
    const std::string_view ahead = frame.peek(kAnnotationLineMax);
    if (ahead.empty()) return Look::kEnd;
    if (ahead[0] == '#') {
        if (!is_line(ahead)) return Look::kNeither;
        frame.seek(frame.offset() + ahead.find('\n') + 1);
        return Look::kLine;
    }
    uint64_t count = 0;
    Header header = frame.take_header('*', &count);
    if (header != Header::kOk) return of_header(header);
    if (count == 0 || count > kMaxRecordArgs) return Look::kNeither;
    std::array<std::string, 2> words;
    for (uint64_t i = 0; i < count; ++i) {
        uint64_t length = 0;
        header = frame.take_header('$', &length);
        if (header != Header::kOk) return of_header(header);
        if (i < words.size()) words[i] = frame.peek(std::min<uint64_t>(length, kKeptArgBytes));
        header = frame.take_body(length);
        if (header != Header::kOk) return of_header(header);
        // The name is enough to stop at most of what only looks like a record.
        if (i + 1 < words.size() && i + 1 < count) continue;
        if (i >= words.size()) continue;
        const std::array<std::string_view, 2> args = {words[0], words[1]};
        const CommandName* row = names.find(std::span(args).first(i + 1));
        if (row == nullptr || !arity_fits(*row, count)) return Look::kNeither;
    }
    return Look::kRecord;
}

// Whether records can be read from the frame's place on.
bool records_follow(RecordFrame& frame, const CommandNames& names) {
    for (int records = 0; records <= kResyncRecords;) {
        switch (take_item(frame, names)) {
            case Look::kRecord:
                ++records;
                break;
            case Look::kLine:
                if (records == 0) return false;
                break;
            case Look::kEnd:
            case Look::kCut:
                return records > 0;
            case Look::kNeither:
                return false;
        }
    }
    return true;
}

}  // namespace

Result<std::optional<uint64_t>> find_record(ByteSource& source, uint64_t start, uint64_t end,
                                            const CommandNames& names, SearchBudget& budget) {
    constexpr size_t kWindowBytes = 256 * 1024;
    const auto window = std::unique_ptr<char[]>(new char[kWindowBytes]);
    end = std::min(end, source.size());
    RecordFrame frame(source, start, end);
    while (start < end) {
        const size_t wanted = std::min<uint64_t>(kWindowBytes, end - start);
        const size_t got = TM_TRY(source.read_at(window.get(), wanted, start));
        const std::string_view bytes(window.get(), got);
        if (bytes.empty()) break;
        for (size_t at = bytes.find('*'); at != std::string_view::npos;
             at = bytes.find('*', at + 1)) {
            const bool digit = at + 1 == got || (bytes[at + 1] >= '0' && bytes[at + 1] <= '9');
            if (!digit) continue;
            frame.seek(start + at);
            if (records_follow(frame, names)) return std::optional<uint64_t>(start + at);
            if (frame.error()) return fail(*frame.error());
            TM_CHECK(budget.charge(frame.offset() - (start + at)));
        }
        start += got;
    }
    return std::optional<uint64_t>();
}

Result<std::optional<uint64_t>> find_record(ByteSource& source, uint64_t start, uint64_t end,
                                            const CommandNames& names) {
    end = std::min(end, source.size());
    SearchBudget budget(end - std::min(start, end));
    return find_record(source, start, end, names, budget);
}

}  // namespace tidemark::aof
