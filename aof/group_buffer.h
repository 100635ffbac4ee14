// The log bytes that are not durable yet: the open group, and every closed one since the last
// completed sync, in case its file fails and they must be written again elsewhere.
//
// Offsets here are logical: they rise by every byte appended, over all increments.
//
//   first()            closed_end()        end()
//     |  group  |  group  |  open group     |
//     [seal|records|seal|records] ...             pieces: at most kPieceBytes behind each seal
//
// Invariants:
// 1. A group ends outside a transaction.
// 2. A transaction that does not fit its piece begins one, so that recovery can drop it whole by
//    cutting between two pieces.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "engine/commit_sink.h"

namespace tidemark::aof {

// The most bytes behind one seal, unless a single record is longer. Small enough that damage costs
// little, large enough that the seal's 73 bytes do not show.
inline constexpr size_t kPieceBytes = 256 * 1024;
// What may be written behind a run of groups without being part of it: see IncrementFile.
inline constexpr size_t kTailRoom = 3;

class GroupBuffer {
public:
    // `logical`: where the log stands.
    explicit GroupBuffer(uint64_t logical, size_t piece_bytes = kPieceBytes);

    // Returns end(). The record's SELECT, MULTI and seal come first where they are due.
    uint64_t append(const engine::CommitRecord& record);
    void begin_transaction();
    uint64_t end_transaction();
    // Seconds for a `#TS:` line in front of the next group's first record; 0: none is due.
    void set_timestamp_due(int64_t unix_seconds) { timestamp_due_ = unix_seconds; }
    bool group_is_open() const { return !pieces_.empty(); }
    size_t open_bytes() const { return end() - closed_end_; }
    bool in_transaction() const { return transaction_ != Transaction::kNone; }

    // Seals the open group for a file in which logical offset `file_base` is position 0, and that
    // is synced before position `durable`. Nothing happens when no group is open.
    void close_group(int64_t file_base, uint64_t durable);
    // The next record states its database, as the first of an increment must. Between groups only.
    void force_select();

    uint64_t first() const { return chunks_.front().start; }
    uint64_t closed_end() const { return closed_end_; }
    uint64_t end() const { return chunks_.back().start + chunks_.back().bytes.size(); }

    // The closed bytes from `from` on that lie in one piece of memory; at least one byte when
    // `from` < closed_end(). They stay in place until forget_before passes them.
    std::string_view segment(uint64_t from) const;
    // kTailRoom writable bytes directly behind `segment`, or nullptr when records are there.
    char* tail_room(std::string_view segment);
    // The next group goes to memory of its own, so that segments handed out do not move.
    void detach_open_chunk();

    // Seals everything closed again, for another file. `from` is a group's start.
    void reseal(uint64_t from, int64_t file_base, uint64_t durable);
    // The database that was selected where the group at `from` begins; -1: it selects its own.
    int db_at(uint64_t from) const;
    // Frees what lies before `logical`, the end of a closed group.
    void forget_before(uint64_t logical);
    // Gives back what is kept for reuse; for quiet times.
    void release_spare();

private:
    enum class Transaction : uint8_t { kNone, kPending, kOpen };
    struct Chunk {
        Buffer bytes;
        uint64_t start = 0;  // logical offset of its first byte
    };
    struct GroupMark {
        uint64_t start;
        int db;
    };

    void prepare(int db, size_t room);
    void open_piece();
    void move_transaction_to_new_piece();
    void push_chunk();

    const size_t piece_bytes_;
    std::deque<Chunk> chunks_;
    Buffer* open_ = nullptr;  // the last chunk's bytes
    uint64_t open_start_ = 0;
    size_t piece_limit_ =
        0;  // position in *open_ that calls for prepare(); 0: the next record does
    int db_ = -1;
    Transaction transaction_ = Transaction::kNone;
    size_t transaction_start_ = 0;  // position in *open_
    std::vector<size_t> pieces_;    // of the open group: positions of their seals in *open_
    uint64_t closed_end_;
    int64_t timestamp_due_ = 0;
    std::deque<GroupMark> marks_;
    std::vector<Buffer> spare_;
};

}  // namespace tidemark::aof
