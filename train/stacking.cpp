#include "train/stacking.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "data/metrics.h"
#include "train/folds.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

using RowAnswers = std::vector<Keypoints>;

/// What all of the runs have in common, and what each says.
struct Common {
  KeypointSet set;
  PictureShape shape;
  std::vector<int> rows, folds;  // the folds of the first run
  std::vector<Keypoints> labels;
  std::vector<RowAnswers> answers;  // [run][row]
};

bool same_labels(const std::vector<Keypoints>& a, const std::vector<Keypoints>& b) {
  return std::ranges::equal(a, b, [](const Keypoints& left, const Keypoints& right) {
    return std::ranges::equal(left, right, [](float l, float r) { return l == r || (std::isnan(l) && std::isnan(r)); });
  });
}

Common read_common(std::span<const fs::path> runs) {
  Common all;
  for (const fs::path& run : runs) {
    Folds folds = read_folds(run);
    const Faces& faces = folds.split.train;
    if (all.answers.empty()) all = {faces.set, faces.shape, faces.ids, folds.answers.folds, faces.keypoints, {}};
    const auto differs = [&](const char* what) {
      fail_input("{}: has not the {} of {}: a stack is of runs that were trained on the same rows", run.string(), what,
                 runs[0].string());
    };
    if (faces.set.points != all.set.points) differs("points");
    if (faces.shape.width != all.shape.width || faces.shape.height != all.shape.height) differs("size of pictures");
    if (faces.ids != all.rows) differs("rows");
    if (!same_labels(faces.keypoints, all.labels)) differs("labels");
    all.answers.push_back(std::move(folds.answers.answers));
  }
  return all;
}

double mse_of(const Common& all, const RowAnswers& answers) {
  MetricsAccumulator sums(all.set);
  sums.add(answers, all.labels);
  return sums.result().mse;
}

/// The rows, all or those of one part or those of the others, of each run.
std::vector<RowAnswers> chosen(const std::vector<RowAnswers>& answers, const std::vector<size_t>& rows) {
  std::vector<RowAnswers> some(answers.size());
  for (size_t n = 0; n < answers.size(); ++n)
    for (const size_t row : rows) some[n].push_back(answers[n][row]);
  return some;
}

Keypoints blended(const Blend& blend, const std::vector<RowAnswers>& answers, size_t row) {
  std::vector<const Keypoints*> of_row;
  for (const RowAnswers& of_run : answers) of_row.push_back(&of_run[row]);
  return blend.of(of_row);
}

/// Each row answered by a blend that was fitted without its part.
RowAnswers second_level(const Common& all, double ridge) {
  RowAnswers answers(all.labels.size());
  for (int part = 1; part <= std::ranges::max(all.folds); ++part) {
    std::vector<size_t> fitted;
    std::vector<Keypoints> labels;
    for (size_t row = 0; row < answers.size(); ++row)
      if (all.folds[row] != part) fitted.push_back(row), labels.push_back(all.labels[row]);
    const Blend blend = fit_blend(chosen(all.answers, fitted), labels, ridge);
    for (size_t row = 0; row < answers.size(); ++row)
      if (all.folds[row] == part) answers[row] = blended(blend, all.answers, row);
  }
  return answers;
}

/// Equal weights, no offsets.
RowAnswers plain_mean(const Common& all) {
  const double share = 1.0 / static_cast<double>(all.answers.size());
  const auto points = static_cast<size_t>(all.set.size());
  const Blend equal{.weights = std::vector(all.answers.size(), std::vector(points, share)),
                    .offset = std::vector<double>(2 * points)};
  RowAnswers answers;
  for (size_t row = 0; row < all.labels.size(); ++row) answers.push_back(blended(equal, all.answers, row));
  return answers;
}

}  // namespace

Stacking stack_runs(const fs::path& folder, std::span<const fs::path> runs, double ridge) {
  const Common all = read_common(runs);
  Stacking result{.stack = {.points = all.set.points, .width = all.shape.width, .height = all.shape.height},
                  .faces = all.labels.size()};
  for (const fs::path& run : runs) result.stack.runs.push_back(name_from(folder, run));
  for (const RowAnswers& answers : all.answers) result.run_mse.push_back(mse_of(all, answers));
  result.mean_mse = mse_of(all, plain_mean(all));
  result.stack_mse = mse_of(all, second_level(all, ridge));
  result.stack.blend = fit_blend(all.answers, all.labels, ridge);
  return result;
}

}  // namespace lineament
