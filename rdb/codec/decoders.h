// One function a type of the file: takes the value behind the key, hands it to the sink, checks
// everything. Which is whose is in types.cc.
#pragma once

#include "base/result.h"

namespace tidemark::rdb {

class Decoding;

Status decode_string(Decoding& to);

Status decode_list(Decoding& to);
Status decode_list_ziplist(Decoding& to);
Status decode_quicklist_ziplists(Decoding& to);
Status decode_quicklist(Decoding& to);

Status decode_set(Decoding& to);
Status decode_set_intset(Decoding& to);
Status decode_set_listpack(Decoding& to);

Status decode_zset_text(Decoding& to);
Status decode_zset_binary(Decoding& to);
Status decode_zset_ziplist(Decoding& to);
Status decode_zset_listpack(Decoding& to);

Status decode_hash(Decoding& to);
Status decode_hash_zipmap(Decoding& to);
Status decode_hash_ziplist(Decoding& to);
Status decode_hash_listpack(Decoding& to);
Status decode_hash_expiry(Decoding& to);                 // type 24
Status decode_hash_expiry_listpack(Decoding& to);        // type 25
Status decode_hash_expiry_early(Decoding& to);           // type 22 of Redis
Status decode_hash_expiry_listpack_early(Decoding& to);  // type 23
Status decode_hash_expiry_valkey(Decoding& to);          // type 22 of Valkey

Status decode_stream_1(Decoding& to);
Status decode_stream_2(Decoding& to);
Status decode_stream_3(Decoding& to);
Status decode_stream_4(Decoding& to);

Status decode_module(Decoding& to);

}  // namespace tidemark::rdb
