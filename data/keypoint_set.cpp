// What is asked of any set: its points by name, and how one set's points are had from another's.
#include "data/keypoint_set.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/paths.h"
#include "base/toml.h"

namespace lineament {
namespace {

/// The points, by name or as the mean that `from` derives; empty where it has no such point.
std::vector<int> sources_of(const KeypointSet& from, std::string_view point) {
  if (const int k = from.find(point); k >= 0) return {k};
  const auto derived = std::ranges::find(from.derived, point, &DerivedPoint::name);
  return derived == from.derived.end() ? std::vector<int>{} : derived->sources;
}

}  // namespace

std::vector<std::string> KeypointSet::coordinate_names() const {
  std::vector<std::string> names;
  for (int c = 0; c < coordinates(); ++c) names.push_back(coordinate_name(c));
  return names;
}

int KeypointSet::find(std::string_view point) const {
  const auto found = std::ranges::find(points, point);
  return found == points.end() ? -1 : static_cast<int>(found - points.begin());
}

KeypointSet subset_of(const KeypointSet& set, std::span<const int> chosen) {
  std::vector<int> place(set.points.size(), -1);  // of each old point in the new set
  KeypointSet subset{.name = set.name, .points = {}, .mirror = {}, .scale = {}};
  for (const int k : chosen) {
    place[k] = subset.size();
    subset.points.push_back(set.points[k]);
  }
  for (const int k : chosen) subset.mirror.push_back(set.mirror[k] < 0 ? -1 : place[set.mirror[k]]);
  const auto all_there = [&](const auto& points) {
    return std::ranges::all_of(points, [&](int k) { return place[k] >= 0; });
  };
  const auto placed = [&](auto points) {
    for (int& k : points) k = place[k];
    return points;
  };
  if (all_there(set.scale[0]) && all_there(set.scale[1])) subset.scale = {placed(set.scale[0]), placed(set.scale[1])};
  for (const std::array<int, 2>& line : set.lines)
    if (all_there(line)) subset.lines.push_back(placed(line));
  for (const DerivedPoint& point : set.derived)
    if (all_there(point.sources)) subset.derived.push_back({point.name, placed(point.sources)});
  return subset;
}

KeypointSet find_keypoint_set(const std::string& name) {
  if (is_toml_file(name)) return parse_keypoint_set(json_of_toml_file(name), name);
  std::vector<std::string_view> names;
  for (const KeypointSet* set : built_in_sets()) {
    if (set->name == name) return *set;
    names.push_back(set->name);
  }
  if (is_folder(name)) fail_input("{}: a folder, expected a keypoint set: a file.toml or one of {}", name, fmt::join(names, ", "));
  fail_input("keypoint set {}: expected a file.toml or one of {}", name, fmt::join(names, ", "));
}

bool answers(const KeypointSet& from, const KeypointSet& to) {
  return std::ranges::none_of(to.points, [&](const std::string& point) { return sources_of(from, point).empty(); });
}

PointMeans means_between(const KeypointSet& from, const KeypointSet& to) {
  PointMeans means;
  for (const std::string& point : to.points) {
    means.push_back(sources_of(from, point));
    if (means.back().empty())
      fail_input("keypoint set {} ({} points) cannot answer {} ({} points): it has no {}, and derives none", from.name,
                 from.size(), to.name, to.size(), point);
  }
  return means;
}

Keypoints means_of(const PointMeans& means, const Keypoints& points) {
  Keypoints mapped;
  for (const std::vector<int>& sources : means)
    for (const int axis : {0, 1}) {
      double sum = 0;
      for (const int k : sources) sum += points[2 * k + axis];
      mapped.push_back(static_cast<float>(sum / static_cast<double>(sources.size())));
    }
  return mapped;
}

bool is_complete(const Keypoints& points) {
  return std::ranges::none_of(points, [](float v) { return std::isnan(v); });
}

bool has_point(const Keypoints& points, int k) { return !std::isnan(points[2 * k]) && !std::isnan(points[2 * k + 1]); }

}  // namespace lineament
