#include "rdb/codec/encode_list.h"

#include "engine/encoding/listpack.h"
#include "rdb/codec/type_numbers.h"

namespace tidemark::rdb {

namespace {

// Redis's list-max-listpack-size of -2.
constexpr size_t kNodeBytes = 8 * 1024;

class Nodes {
public:
    explicit Nodes(Compression compression) : compression_(compression) {}

    void add(std::string_view element) {
        if (element.size() + encoding::kListpackElementHeadMax > kNodeBytes) {
            end_node();
            pack_length(bytes_, quicklist::kPlain);
            pack_blob(bytes_, element, compression_);
            ++count_;
            return;
        }
        const size_t most =
            element.size() + encoding::kListpackElementHeadMax + encoding::kBacklenMax;
        if (node_.size() + most > kNodeBytes) end_node();
        node_.append(element);
    }
    void end_node() {
        if (node_.count() == 0) return;
        pack_length(bytes_, quicklist::kPacked);
        pack_blob(bytes_, node_.finish(), compression_);
        node_.clear();
        ++count_;
    }
    uint64_t count() const { return count_; }
    std::string_view bytes() const { return bytes_.view(); }

private:
    Compression compression_;
    encoding::ListpackBuilder node_;
    Buffer bytes_;
    uint64_t count_ = 0;
};

}  // namespace

bool ListEncoder::wants_quicklist() const {
    return out_.is_compact() && out_.holds(type::kListQuicklist2);
}

Status ListEncoder::begin(uint64_t count) {
    count_ = count;
    waiting_.clear();
    is_collecting_ = true;
    return count == kCountUnknown || wants_quicklist() ? Status() : make_plain();
}

Status ListEncoder::element(std::string_view text) {
    if (!is_collecting_) return out_.text(text);
    waiting_.add(text);
    return waiting_.bytes() <= kCollectMax ? Status() : make_plain();
}

Status ListEncoder::make_plain() {
    if (!is_collecting_ || count_ == 0) return {};
    TM_CHECK(check_count(count_));
    is_collecting_ = false;
    TM_CHECK(out_.begin(type::kList));
    TM_CHECK(out_.length(count_));
    for (size_t i = 0; i < waiting_.size(); ++i) TM_CHECK(out_.text(waiting_[i]));
    waiting_.clear();
    return {};
}

Status ListEncoder::end() {
    if (!is_collecting_) return {};
    count_ = waiting_.size();
    return wants_quicklist() && count_ != 0 ? write_quicklist() : make_plain();
}

Status ListEncoder::write_quicklist() {
    Nodes nodes(out_.options().compression);
    for (size_t i = 0; i < waiting_.size(); ++i) nodes.add(waiting_[i]);
    nodes.end_node();
    TM_CHECK(out_.begin(type::kListQuicklist2));
    TM_CHECK(out_.length(nodes.count()));
    return out_.part(nodes.bytes());
}

}  // namespace tidemark::rdb
