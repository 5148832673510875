// What the formats of labelled photographs share: numbers, points by their names, paths beside a file.
#pragma once
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "data/photographs.h"

namespace lineament {

/// A place that a photograph can have; false for NaN.
inline bool is_place(double px) { return std::abs(px) <= kFarthestPlace; }
/// All of `text` as such a place, else nothing.
std::optional<double> place_of(std::string_view text);

/// A face of which nothing is known yet.
LabelledFace unlabelled_face(std::string photograph, const KeypointSet& set);
void set_point(LabelledFace& face, int k, double x, double y, PointState state);
/// As many as are not missing.
int known_points(const LabelledFace& face);

/// A set, and where each name of a file stands in it.
struct NamedSet {
  KeypointSet set;
  std::map<std::string, int, std::less<>> places;
};
/// The set that a file's names are: `given` where it has them all, a built-in one of just these names, or one of these names and
/// no more. Numbers, each once from 0 or from 1, are the points of `given` or of the built-in set with so many.
/// InputError, by `source`, for names that cannot be those of points.
NamedSet set_of_names(const std::vector<std::string>& names, const std::optional<KeypointSet>& given,
                      std::string_view source);
/// The same for files that only count: the built-in set of so many points, or one of "point_1" and so on.
KeypointSet set_of_count(int points);

/// A name from a file as a path: beside that file where it is relative. InputError, by `source`, for one that is empty or has
/// control characters.
std::filesystem::path path_beside(const std::filesystem::path& file, std::string_view name, std::string_view source);
/// The photograph as a file in `folder` names it: relative where there is a way, forward slashes.
std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& photograph);
/// The folder that a file lies in, "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// "a", "b" and 12 more: short, printable, in quotes.
std::string some_of(const std::vector<std::string>& names);

}  // namespace lineament
