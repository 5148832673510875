// The four answers to a missing coordinate: mask, drop, ffill here; knn in knn.cpp.
#include "data/impute.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "data/knn.h"

namespace lineament {
namespace {

void drop_incomplete(LabelTable& labels, ImputeReport& report) {
  std::erase_if(report.kept, [&](size_t row) {
    const auto gaps = static_cast<size_t>(std::ranges::count_if(labels[row], [](double v) { return std::isnan(v); }));
    return gaps > report.unlabelled.size();
  });
  if (report.kept.empty())
    fail_input("drop: none of the {} rows is complete: use mask, ffill or knn", labels.size());
  report.dropped = labels.size() - report.kept.size();
  for (size_t i = 0; i < report.kept.size(); ++i) labels[i] = labels[report.kept[i]];
  labels.resize(report.kept.size());
}

void fill_forward(LabelTable& labels, ImputeReport& report) {
  for (size_t column = 0; column < report.filled.size(); ++column) {
    if (std::ranges::find(report.unlabelled, column) != report.unlabelled.end()) continue;
    size_t top = 0;
    while (std::isnan(labels[top][column])) ++top;
    for (size_t row = 0; row < top; ++row) labels[row][column] = labels[top][column];
    report.filled[column] += top;
    report.filled_backward += top;
    for (size_t row = top + 1; row < labels.size(); ++row) {
      if (!std::isnan(labels[row][column])) continue;
      labels[row][column] = labels[row - 1][column];
      ++report.filled[column];
    }
  }
}

std::vector<size_t> columns_without_values(const LabelTable& labels, size_t columns) {
  std::vector<size_t> found;
  for (size_t column = 0; column < columns; ++column)
    if (std::ranges::all_of(labels, [&](const LabelRow& row) { return std::isnan(row[column]); })) found.push_back(column);
  return found;
}

}  // namespace

size_t ImputeReport::cells() const { return std::accumulate(filled.begin(), filled.end(), size_t{0}); }

ImputeReport impute(LabelTable& labels, Missing method) {
  ImputeReport report;
  report.kept.resize(labels.size());
  std::iota(report.kept.begin(), report.kept.end(), size_t{0});
  const size_t columns = labels.empty() ? 0 : labels[0].size();
  report.filled.resize(columns);
  report.unlabelled = columns_without_values(labels, columns);
  switch (method) {
    case Missing::mask:
      break;
    case Missing::drop:
      drop_incomplete(labels, report);
      break;
    case Missing::ffill:
      fill_forward(labels, report);
      break;
    case Missing::knn:
      report.filled = fill_from_neighbours(labels);
      for (const size_t column : report.unlabelled) report.filled[column] = 0;
      break;
  }
  return report;
}

ImputeReport impute(FaceTable& table, Missing method) {
  ImputeReport report = impute(table.labels, method);
  if (report.dropped == 0) return report;
  const LabelTable labels = std::move(table.labels);
  table.labels.resize(table.ids.size());  // select() goes by rows before the drop
  table = table.select(report.kept);
  table.labels = labels;
  return report;
}

ImputeReport impute(Faces& faces, Missing method) {
  LabelTable labels;
  for (const Keypoints& points : faces.keypoints) labels.emplace_back(points.begin(), points.end());
  ImputeReport report = impute(labels, method);
  if (report.dropped > 0) faces = faces.select(report.kept);
  for (size_t row = 0; row < faces.size(); ++row)
    std::ranges::transform(labels[row], faces.keypoints[row].begin(),
                           [](double v) { return static_cast<float>(v); });
  return report;
}

}  // namespace lineament
