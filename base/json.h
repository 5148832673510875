// JSON from strangers: parsed within a bound on depth, and shown short in messages.
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace lineament {

inline constexpr int kMostJsonDepth = 64;
inline constexpr size_t kMostJsonKeys = 4096;  // of one object: a key is looked for one by one

/// InputError, by `source`, where `text` is no JSON, nests deeper than kMostJsonDepth or has an object of more than
/// kMostJsonKeys.
nlohmann::ordered_json parse_json(std::string_view text, std::string_view source);

/// A value as an error shows it: at most 40 bytes of its text.
std::string shown(const nlohmann::ordered_json& value);

}  // namespace lineament
