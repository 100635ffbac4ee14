#include "rdb/codec/packed_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/encoding/listpack.h"
#include "engine/encoding/little_endian.h"
#include "rdb/codec/legacy/ziplist.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

using encoding::load_le;

tl::unexpected<Error> PackedReader::wrong(std::string what) const {
    return in_.bad(FindingCode::kBadEncoding, blob_.file_offset(), std::move(what));
}

tl::unexpected<Error> PackedReader::crosses_end() const {
    return wrong(fmt::format("an element crosses the {}'s end", name()));
}

size_t PackedReader::head_bytes() const {
    return form_ == PackedForm::kListpack ? encoding::kListpackHeadBytes
                                          : legacy::kZiplistHeadBytes;
}

Status PackedReader::begin(PackedForm form) {
    form_ = form;
    TM_CHECK(blob_.need(head_bytes()));
    if (blob_.size() < head_bytes() + 1) {
        return wrong(
            fmt::format("a {} of {} bytes has no room for its header", name(), blob_.size()));
    }
    const char* head = blob_.data();
    const auto bytes = load_le<uint32_t>(head);
    if (bytes != blob_.size()) {
        return wrong(fmt::format("the {} says that it has {} bytes, and has {}", name(), bytes,
                                 blob_.size()));
    }
    if (form == PackedForm::kZiplist) tail_ = load_le<uint32_t>(head + 4);
    declared_ = load_le<uint16_t>(head + head_bytes() - 2);
    // A server looks at the terminator. Of a blob that is not held it is taken for granted.
    const bool is_unended =
        blob_.is_whole() && static_cast<uint8_t>(blob_.whole().back()) != encoding::kListpackEnd;
    in_.set_looks(is_unended ? ServerLooks::kYes : inside());
    return to_first_element();
}

Status PackedReader::to_first_element() {
    TM_CHECK(blob_.need(head_bytes()));
    blob_.consume(head_bytes());
    seen_ = element_bytes_ = long_bytes_ = 0;
    last_ = head_bytes();
    return {};
}

Result<uint64_t> PackedReader::walk_count() {
    while (!at_end()) {
        TM_CHECK(next());
        TM_CHECK(skip_long());
    }
    const uint64_t count = seen_;
    TM_CHECK(blob_.rewind());
    TM_CHECK(to_first_element());
    return count;
}

Status PackedReader::next() {
    element_offset_ = blob_.file_offset();
    return form_ == PackedForm::kListpack ? next_of_listpack() : next_of_ziplist();
}

Status PackedReader::next_of_listpack() {
    TM_CHECK(blob_.need(encoding::kListpackElementHeadMax));
    const encoding::ListpackHead head =
        encoding::parse_listpack_head(blob_.data(), blob_.available());
    if (head.head == 0) {
        return wrong(fmt::format("0x{:02x} does not begin an element of the listpack",
                                 static_cast<uint8_t>(*blob_.data())));
    }
    last_ = blob_.size() - blob_.left();
    element_bytes_ = head.size();
    value_.integer = head.integer;
    value_.is_integer = head.is_integer;
    const size_t backlen = encoding::backlen_size(head.size());
    TM_CHECK(take_string(head.head, head.body, backlen));
    if (long_bytes_ > 0) return {};
    return check_backlen(backlen);
}

// The data pointer is at the backlen.
Status PackedReader::check_backlen(size_t backlen) {
    if (!encoding::backlen_fits(blob_.data(), element_bytes_)) {
        return wrong("an element's backlen is not its length");
    }
    blob_.consume(backlen);
    ++seen_;
    return {};
}

Status PackedReader::next_of_ziplist() {
    TM_CHECK(blob_.need(legacy::kZiplistEntryHeadMax));
    const legacy::ZiplistHead head = legacy::parse_ziplist_head(blob_.data(), blob_.available());
    if (head.head == 0) {
        return wrong(fmt::format("0x{:02x} does not begin an entry of the ziplist",
                                 static_cast<uint8_t>(*blob_.data())));
    }
    if (head.before != element_bytes_) {
        return wrong(fmt::format("an entry says that the one before has {} bytes, which has {}",
                                 head.before, element_bytes_));
    }
    last_ = blob_.size() - blob_.left();
    element_bytes_ = head.head + head.body;
    value_.integer = head.integer;
    value_.is_integer = head.is_integer;
    TM_CHECK(take_string(head.head, head.body, 0));
    if (long_bytes_ == 0) ++seen_;
    return {};
}

// Consumes head and string, unless that is too long; `behind` bytes must follow in front of the
// terminator, and are available afterwards.
Status PackedReader::take_string(size_t head, size_t body, size_t behind) {
    const uint64_t left = blob_.left() - 1;
    if (head > left || body > left - head || behind > left - head - body) return crosses_end();
    long_bytes_ = 0;
    if (body > kWholeStringMax) {
        blob_.consume(head);
        long_bytes_ = body;
        value_.bytes = {};
        return {};
    }
    TM_CHECK(blob_.need(head + body + behind));
    value_.bytes = {blob_.data() + head, body};
    blob_.consume(head + body);
    return {};
}

Status PackedReader::end_long() {
    long_bytes_ = 0;
    if (form_ == PackedForm::kZiplist) {
        ++seen_;
        return {};
    }
    const size_t backlen = encoding::backlen_size(element_bytes_);
    TM_CHECK(blob_.need(backlen));
    return check_backlen(backlen);
}

Status PackedReader::skip_long() {
    if (long_bytes_ == 0) return {};
    for (uint64_t left = long_bytes_; left > 0;) {
        TM_CHECK(blob_.need(1));
        const auto step = static_cast<size_t>(std::min<uint64_t>(left, blob_.available()));
        blob_.consume(step);
        left -= step;
    }
    return end_long();
}

Status PackedReader::end() {
    TM_CHECK(blob_.need(1));
    static_assert(encoding::kListpackEnd == legacy::kZiplistEnd);
    in_.set_looks(ServerLooks::kYes);
    if (static_cast<uint8_t>(*blob_.data()) != encoding::kListpackEnd) {
        return wrong(fmt::format("the {} does not end with its terminator", name()));
    }
    in_.set_looks(inside());
    if (is_count_known() && declared_ != seen_) {
        return wrong(fmt::format("the {} says that it has {} elements, and has {}", name(),
                                 declared_, seen_));
    }
    if (form_ == PackedForm::kZiplist && tail_ != last_) {
        return wrong(fmt::format("the ziplist says that its last entry is at {}, and it is at {}",
                                 tail_, last_));
    }
    in_.set_looks(ServerLooks::kYes);
    blob_.consume(1);
    return blob_.close();
}

}  // namespace tidemark::rdb
