// A set of keypoints as a value: which points there are, and all that the rest of the program must know of them.
#pragma once
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lineament {

/// Coordinates of one face: x and y of each point of its set in turn, in px from the centre of the first pixel, x to the right,
/// y down; NaN where missing. `left` in the name of a point is the subject's own left.
using Keypoints = std::vector<float>;
inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// A point of another set, as the mean of points of this one.
struct DerivedPoint {
  std::string name;
  std::vector<int> sources;
  bool operator==(const DerivedPoint&) const = default;
};

/// Invariant: names are unique, every index is one of `points`, and mirror[mirror[k]] == k where it is one.
struct KeypointSet {
  static constexpr int kMostPoints = 512;

  std::string name;                 // "contest15"
  std::vector<std::string> points;  // "left_eye_center"
  std::vector<int> mirror;          // in a mirror image point k lies where mirror[k] was; -1: nowhere, its partner is no point
  /// NME divides by the distance between the means of these two groups; both empty: by the root of the area of the box round
  /// the face's points.
  std::array<std::vector<int>, 2> scale;
  std::vector<std::array<int, 2>> lines = {};  // drawn between points
  std::vector<DerivedPoint> derived = {};

  int size() const { return static_cast<int>(points.size()); }
  int coordinates() const { return 2 * size(); }
  /// "nose_tip_x": of coordinate c of a face, 0 to coordinates() - 1.
  std::string coordinate_name(int c) const { return points[c / 2] + (c % 2 ? "_y" : "_x"); }
  std::vector<std::string> coordinate_names() const;
  /// Index of the point of that name; -1 where there is none.
  int find(std::string_view point) const;
  bool operator==(const KeypointSet&) const = default;
};

/// The contest's 15 points (facial-keypoints-detection), in its order.
const KeypointSet& contest15();
/// The 68 points of 300-W (ibug), in its order; the contest's 15 are derived from them.
const KeypointSet& ibug68();
std::span<const KeypointSet* const> built_in_sets();

/// A set of these points and no more: pairs of the mirror image found by `left` and `right` in their names, its scale by eye
/// centres or outer eye corners where there are such. InputError, by `source`, for a name that comes twice, none or too many.
KeypointSet keypoint_set_of(std::string name, std::vector<std::string> points, std::string_view source);
/// The points at these indices, in that order, with what is known of them.
KeypointSet subset_of(const KeypointSet& set, std::span<const int> points);

/// The JSON of a set, as checkpoints and TOML files of a user's own have it:
/// {"name", "points": [NAME...], "mirror": [[NAME, NAME]..., [NAME]: without a partner], "scale": [[NAME...], [NAME...]], "lines": [[NAME, NAME]...],
/// "derived": {NAME: [NAME...]}}; all but "points" may be left out, and is then as keypoint_set_of() finds it.
/// InputError by `source` for anything else: mirrored pairs that are not mutual, a name that is no point.
KeypointSet parse_keypoint_set(std::string_view json, std::string_view source);
std::string to_json(const KeypointSet& set);

/// A built-in set by its name, or a .toml file. InputError that lists the names.
KeypointSet find_keypoint_set(const std::string& name_or_file);

/// Whether every point of `to` is one of `from`, by name or derived.
bool answers(const KeypointSet& from, const KeypointSet& to);
/// How the points of one set are had from those of another: each a mean of some.
using PointMeans = std::vector<std::vector<int>>;
/// InputError that names both sets where not answers(from, to).
PointMeans means_between(const KeypointSet& from, const KeypointSet& to);
/// A mean is missing where one of its points is.
Keypoints means_of(const PointMeans& means, const Keypoints& points);

/// Whether no point is missing.
bool is_complete(const Keypoints& points);
/// Whether point k has both coordinates.
bool has_point(const Keypoints& points, int k);

}  // namespace lineament
