#include "base/json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/check.h"

namespace lineament {

using Json = nlohmann::ordered_json;

Json parse_json(std::string_view text, std::string_view source) {
  std::vector<size_t> keys(kMostJsonDepth + 2);  // so far, of the object that is open at each depth
  const auto bounded = [&](int depth, Json::parse_event_t event, Json&) {
    if (depth > kMostJsonDepth) fail_input("{}: nested deeper than {}", source, kMostJsonDepth);
    if (event == Json::parse_event_t::object_start) keys[static_cast<size_t>(depth) + 1] = 0;
    if (event == Json::parse_event_t::key && ++keys[static_cast<size_t>(depth)] > kMostJsonKeys)
      fail_input("{}: an object of more than {} keys", source, kMostJsonKeys);
    return true;
  };
  try {
    return Json::parse(text, bounded);
  } catch (const Json::parse_error& error) {
    fail_input("{}: is no JSON, from byte {} on", source, error.byte);
  }
}

std::string shown(const Json& value) {
  constexpr size_t kShown = 40;
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

}  // namespace lineament
