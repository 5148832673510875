// JSON from strangers: parsed within a bound on depth, and shown short in messages.
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace lineament {

inline constexpr int kMostJsonDepth = 64;
inline constexpr size_t kMostJsonKeys = 4096;  // of one object: a key is looked for one by one

// Texts in a Json are bytes, as file names are: those that are no UTF-8 stand in a file as Python's surrogateescape has them,
// byte 0xe9 as "\udce9", and come back as the same bytes. What is UTF-8 is written as it is.

/// The JSON of a value that may hold any bytes; of `indent` as nlohmann's dump().
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

bool is_utf8(std::string_view text);

/// InputError, by `source`, where `text` is no JSON, holds a number that no double can, nests deeper than kMostJsonDepth, or
/// has an object of more than kMostJsonKeys or one that says a key twice.
nlohmann::ordered_json parse_json(std::string_view text, std::string_view source);

/// A value as an error shows it: at most 40 bytes of its text.
std::string shown(const nlohmann::ordered_json& value);

}  // namespace lineament
