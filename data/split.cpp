// The study's split: the first 500 complete rows measure; and others for data that has no such rows.
#include "data/split.h"

#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace lineament {
namespace {

bool has_any_point(const Keypoints& points) {
  for (size_t k = 0; 2 * k < points.size(); ++k)
    if (has_point(points, static_cast<int>(k))) return true;
  return false;
}

/// The first `count` rows that fulfil `wanted`; empty where there are not twice as many.
std::vector<size_t> first_rows(const Faces& faces, size_t count, bool (*wanted)(const Keypoints&)) {
  if (static_cast<size_t>(std::ranges::count_if(faces.keypoints, wanted)) < 2 * count) return {};
  std::vector<size_t> rows;
  for (size_t row = 0; rows.size() < count; ++row)
    if (wanted(faces.keypoints[row])) rows.push_back(row);
  return rows;
}

std::vector<size_t> first_rows(const Faces& faces, size_t count) {
  if (count == 0) return {};
  if (std::vector<size_t> rows = first_rows(faces, count, is_complete); !rows.empty()) return rows;
  if (std::vector<size_t> rows = first_rows(faces, count, has_any_point); !rows.empty()) return rows;
  const auto complete = std::ranges::count_if(faces.keypoints, is_complete),
             labelled = std::ranges::count_if(faces.keypoints, has_any_point), most = std::max(complete, labelled) / 2;
  const std::string advice =
      most > 0 ? fmt::format("ask for --dev-rows {} or fewer, or for a share of all (--dev-share, --dev-every)", most)
               : "give more labelled rows, or another data set to measure on (--dev)";
  fail_input("{} complete rows and {} with any label of {}, expected at least {} of a kind for a dev set of {}: {}", complete,
             labelled, faces.size(), 2 * count, count, advice);
}

/// Rows that may measure, in the order of their names where they have some.
std::vector<size_t> candidates(const Faces& faces, const std::string& pattern) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < faces.size(); ++row)
    if (pattern.empty() || (!faces.names.empty() && fnmatch(pattern.c_str(), faces.names[row].c_str(), 0) == 0))
      rows.push_back(row);
  if (rows.empty())
    fail_input("--dev-names {}: {}", pattern,
               faces.names.empty() ? "these rows are of a table of pixels, they have no names" : "no photograph has such a name");
  if (!faces.names.empty())
    std::ranges::stable_sort(rows, [&](size_t a, size_t b) { return faces.names[a] < faces.names[b]; });
  return rows;
}

/// From the first of `rows` on, one of each `step`.
std::vector<size_t> spread_rows(const std::vector<size_t>& rows, double step) {
  std::vector<size_t> chosen;
  for (size_t i = 0;; ++i) {
    const auto at = static_cast<size_t>(std::floor(static_cast<double>(i) * step));
    if (at >= rows.size()) return chosen;
    chosen.push_back(rows[at]);
  }
}

std::vector<size_t> dev_rows(const Faces& faces, const SplitOptions& options) {
  if (options.every > 0) return spread_rows(candidates(faces, options.names), options.every);
  if (options.share > 0) return spread_rows(candidates(faces, options.names), 1 / options.share);
  return first_rows(faces, options.rows);
}

}  // namespace

Split split_faces(const Faces& faces, const SplitOptions& options) {
  std::vector<size_t> dev = dev_rows(faces, options), train;
  std::ranges::sort(dev);
  if (dev.size() == faces.size())
    fail_input("{} rows, all of them in the dev set: none is left to train on; give more rows, or another data set to measure on "
               "(--dev)",
               faces.size());
  std::vector<size_t> all(faces.size());
  std::iota(all.begin(), all.end(), size_t{0});
  std::ranges::set_difference(all, dev, std::back_inserter(train));
  return {faces.select(train), faces.select(dev)};
}

std::vector<std::string> leave_out_unlabelled(Faces& faces) {
  std::vector<int> kept;
  std::vector<std::string> left_out;
  for (int k = 0; k < faces.set.size(); ++k) {
    if (std::ranges::any_of(faces.keypoints, [=](const Keypoints& points) { return has_point(points, k); }))
      kept.push_back(k);
    else
      left_out.push_back(faces.set.points[k]);
  }
  if (kept.empty()) fail_input("{} rows and not one keypoint labelled in any: there is nothing to learn", faces.size());
  if (left_out.empty()) return left_out;
  faces.set = subset_of(faces.set, kept);
  for (Keypoints& points : faces.keypoints) {
    Keypoints chosen;
    for (const int k : kept) chosen.push_back(points[2 * k]), chosen.push_back(points[2 * k + 1]);
    points = std::move(chosen);
  }
  return left_out;
}

}  // namespace lineament
