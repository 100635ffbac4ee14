// JSON out: RapidJSON's writer on a string or a FILE, and how this project writes bytes that may be
// no text.
#pragma once

#include <rapidjson/filewritestream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>
#include <string_view>

#include "tools/common/text.h"

namespace tidemark::tools {

using JsonText = rapidjson::Writer<rapidjson::StringBuffer>;
using JsonFile = rapidjson::Writer<rapidjson::FileWriteStream>;

template <class Writer>
void json_key(Writer& json, std::string_view key) {
    json.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

// `text` is UTF-8 already.
template <class Writer>
void json_string(Writer& json, std::string_view text) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

// Binary-safe: "name": text where the bytes are UTF-8, else "name_b64": base64.
template <class Writer>
void json_bytes(Writer& json, std::string_view name, std::string_view bytes) {
    if (is_utf8(bytes)) {
        json_key(json, name);
        json_string(json, bytes);
        return;
    }
    json_key(json, std::string(name) + "_b64");
    json_string(json, base64(bytes));
}

}  // namespace tidemark::tools
