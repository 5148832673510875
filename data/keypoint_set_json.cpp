// Sets as JSON, which TOML files become too; what is left out is found by the names of the points.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/check.h"
#include "base/json.h"
#include "data/keypoint_set.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

/// "left_eye" as "right_eye"; nothing where a name has no side.
std::optional<std::string> other_side(std::string_view name) {
  for (const auto& [side, other] : {std::pair<std::string_view, std::string_view>{"left", "right"}, {"right", "left"}})
    if (const size_t at = name.find(side); at != name.npos)
      return std::string(name.substr(0, at)) + std::string(other) + std::string(name.substr(at + side.size()));
  return {};
}

std::vector<int> mirror_by_names(const KeypointSet& set) {
  std::vector<int> mirror(set.points.size());
  for (int k = 0; k < set.size(); ++k) {
    const std::optional<std::string> name = other_side(set.points[k]);
    mirror[k] = name ? set.find(*name) : k;
  }
  for (int& other : mirror)  // "left_right" and its kin: a pair is mutual or none
    if (const auto k = static_cast<int>(&other - mirror.data()); other >= 0 && mirror[other] != k) other = -1;
  return mirror;
}

/// The eyes' distance in the first way in which the set has one.
std::array<std::vector<int>, 2> scale_by_names(const KeypointSet& set) {
  for (const auto& [left, right] : {std::pair{"left_eye_center", "right_eye_center"},
                                    {"left_eye_outer_corner", "right_eye_outer_corner"},
                                    {"left_eye", "right_eye"}})
    if (const int a = set.find(left), b = set.find(right); a >= 0 && b >= 0) return {{{a}, {b}}};
  return {};
}

class Reader {
 public:
  Reader(const Json& json, std::string_view source) : json_(json), source_(source) {}

  KeypointSet read();

 private:
  template <class... T>
  [[noreturn]] void fail(fmt::format_string<T...> format, T&&... values) const {
    fail_input("{}: {}", source_, fmt::format(format, std::forward<T>(values)...));
  }
  std::string text(const Json& value, const char* key) const {
    if (!value.is_string()) fail("\"{}\" has {}, expected the name of a point", key, shown(value));
    return value.get<std::string>();
  }
  int point(const KeypointSet& set, const Json& value, const char* key) const {
    const std::string name = text(value, key);
    const int k = set.find(name);
    if (k < 0) fail("\"{}\" names {}, which is none of the {} points", key, name, set.size());
    return k;
  }
  std::vector<int> group(const KeypointSet& set, const Json& value, const char* key) const {
    if (!value.is_array() || value.empty()) fail("\"{}\" has {}, expected a list of names of points", key, shown(value));
    std::vector<int> points;
    for (const Json& item : value) points.push_back(point(set, item, key));
    return points;
  }
  std::array<int, 2> pair(const KeypointSet& set, const Json& value, const char* key) const {
    if (!value.is_array() || value.size() != 2) fail("\"{}\" has {}, expected pairs of names", key, shown(value));
    return {point(set, value[0], key), point(set, value[1], key)};
  }
  const Json& list(const char* key) const {
    if (!json_[key].is_array()) fail("\"{}\" is {}, expected a list", key, shown(json_[key]));
    return json_[key];
  }
  std::vector<int> mirror(const KeypointSet& set) const;

  const Json& json_;
  std::string_view source_;
};

std::vector<int> Reader::mirror(const KeypointSet& set) const {
  std::vector<int> mirror(set.points.size());
  for (int k = 0; k < set.size(); ++k) mirror[k] = k;
  for (const Json& item : list("mirror")) {
    if (item.is_array() && item.size() == 1) {
      mirror[point(set, item[0], "mirror")] = -1;
      continue;
    }
    const auto [a, b] = pair(set, item, "mirror");
    for (const auto& [k, other] : {std::pair{a, b}, {b, a}})
      if (a == b || mirror[k] != k)
        fail("mirrored pairs are not mutual: {} is the mirror image of {} and of {}", set.points[k],
             mirror[k] < 0 ? "nothing" : set.points[mirror[k]], set.points[other]);
    mirror[a] = b, mirror[b] = a;
  }
  return mirror;
}

KeypointSet Reader::read() {
  constexpr std::array kKeys = {"name", "points", "mirror", "scale", "lines", "derived"};
  if (!json_.is_object()) fail("is no keypoint set, expected a table with \"points\"");
  for (const auto& [key, value] : json_.items())
    if (std::ranges::find(kKeys, key) == kKeys.end())
      fail("unknown key \"{}\", expected one of {}", key, fmt::join(kKeys, ", "));
  if (!json_.contains("points")) fail("no \"points\", expected a list of their names");
  std::vector<std::string> points;
  for (const Json& item : list("points")) points.push_back(text(item, "points"));
  const std::string name = json_.contains("name") ? text(json_["name"], "name") : std::string(source_);
  KeypointSet set = keypoint_set_of(name, std::move(points), source_);
  if (json_.contains("mirror")) set.mirror = mirror(set);
  if (json_.contains("scale")) {
    const Json& groups = list("scale");
    if (groups.size() != 2 && !groups.empty()) fail("\"scale\" has {} groups of points, expected two", groups.size());
    set.scale = {};
    for (size_t i = 0; i < groups.size(); ++i) set.scale[i] = group(set, groups[i], "scale");
  }
  if (json_.contains("lines"))
    for (const Json& item : list("lines")) set.lines.push_back(pair(set, item, "lines"));
  if (json_.contains("derived")) {
    if (!json_["derived"].is_object()) fail("\"derived\" is {}, expected a table", shown(json_["derived"]));
    for (const auto& [point, sources] : json_["derived"].items()) {
      if (set.find(point) >= 0) fail("\"derived\" names {}, which is one of the points", point);
      set.derived.push_back({point, group(set, sources, "derived")});
    }
  }
  return set;
}

}  // namespace

KeypointSet keypoint_set_of(std::string name, std::vector<std::string> points, std::string_view source) {
  if (points.empty()) fail_input("{}: no keypoints, expected 1 to {}", source, KeypointSet::kMostPoints);
  if (points.size() > KeypointSet::kMostPoints)
    fail_input("{}: {} keypoints, expected 1 to {}", source, points.size(), KeypointSet::kMostPoints);
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].empty()) fail_input("{}: keypoint {} has no name", source, i + 1);
    if (!is_utf8(points[i])) fail_input("{}: the name of keypoint {} is no UTF-8", source, i + 1);
    if (std::find(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(i), points[i]) !=
        points.begin() + static_cast<std::ptrdiff_t>(i))
      fail_input("{}: keypoint {} comes twice", source, points[i]);
  }
  KeypointSet set{.name = std::move(name), .points = std::move(points), .mirror = {}, .scale = {}};
  set.mirror = mirror_by_names(set);
  set.scale = scale_by_names(set);
  return set;
}

KeypointSet parse_keypoint_set(std::string_view text, std::string_view source) {
  const Json json = parse_json(text, source);
  return Reader(json, source).read();
}

std::string to_json(const KeypointSet& set) {
  const auto names = [&](const auto& indices) {
    Json list = Json::array();
    for (const int k : indices) list.push_back(set.points[k]);
    return list;
  };
  Json json{{"name", set.name}, {"points", set.points}, {"mirror", Json::array()}, {"scale", Json::array()}};
  for (int k = 0; k < set.size(); ++k) {
    if (set.mirror[k] > k) json["mirror"].push_back(names(std::array{k, set.mirror[k]}));
    if (set.mirror[k] < 0) json["mirror"].push_back(names(std::array{k}));
  }
  if (!set.scale[0].empty()) json["scale"] = Json::array({names(set.scale[0]), names(set.scale[1])});
  json["lines"] = Json::array();
  for (const std::array<int, 2>& line : set.lines) json["lines"].push_back(names(line));
  json["derived"] = Json::object();
  for (const DerivedPoint& point : set.derived) json["derived"][point.name] = names(point.sources);
  return json_text(json);
}

}  // namespace lineament
