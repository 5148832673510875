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
    return std::ranges::any_of(labels[row], [](double v) { return std::isnan(v); });
  });
  if (report.kept.empty())
    fail_input("drop: none of the {} rows is complete: use mask, ffill or knn", labels.size());
  report.dropped = labels.size() - report.kept.size();
  for (size_t i = 0; i < report.kept.size(); ++i) labels[i] = labels[report.kept[i]];
  labels.resize(report.kept.size());
}

void fill_forward(LabelTable& labels, ImputeReport& report) {
  for (size_t column = 0; column < kCoordinates; ++column) {
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

void require_a_value_in_each_column(const LabelTable& labels, Missing method) {
  for (size_t column = 0; column < kCoordinates; ++column)
    if (std::ranges::all_of(labels, [&](const LabelRow& row) { return std::isnan(row[column]); }))
      fail_input("{}: column {} has no value in any of {} rows to fill it from", name_of(method),
                 kCoordinateNames[column], labels.size());
}

}  // namespace

size_t ImputeReport::cells() const { return std::accumulate(filled.begin(), filled.end(), size_t{0}); }

ImputeReport impute(LabelTable& labels, Missing method) {
  ImputeReport report;
  report.kept.resize(labels.size());
  std::iota(report.kept.begin(), report.kept.end(), size_t{0});
  if (method == Missing::ffill || method == Missing::knn) require_a_value_in_each_column(labels, method);
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
  LabelTable labels(faces.size());
  for (size_t row = 0; row < faces.size(); ++row)
    std::ranges::copy(faces.keypoints[row], labels[row].begin());
  ImputeReport report = impute(labels, method);
  if (report.dropped > 0) faces = faces.select(report.kept);
  for (size_t row = 0; row < faces.size(); ++row)
    std::ranges::transform(labels[row], faces.keypoints[row].begin(),
                           [](double v) { return static_cast<float>(v); });
  return report;
}

}  // namespace lineament
