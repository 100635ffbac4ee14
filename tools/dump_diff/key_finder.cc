#include "tools/dump_diff/key_finder.h"

namespace tidemark::rdb_check {

Result<FoundKey> KeyFinder::at(uint64_t type_offset) {
    FoundKey place;
    in_.source().seek(type_offset);
    place.type = TM_TRY(in_.byte());
    place.name.assign(TM_TRY(in_.string()));
    place.value_offset = in_.offset();
    return place;
}

}  // namespace tidemark::rdb_check
