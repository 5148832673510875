#include "data/formats/out_of_fold.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/number.h"
#include "data/formats/csv.h"

namespace lineament {
namespace {

constexpr std::string_view kDeviation = "_deviation";

float read_px(CsvReader& csv, size_t column) {
  const std::optional<float> px = read_number<float>(csv.fields()[column]);
  if (!px) csv.fail_field(column, "px");
  return *px;
}

/// Where the numbers of each point stand.
struct AnswerColumns {
  size_t x, y;
  std::optional<size_t> deviation = {};
};

std::vector<AnswerColumns> answer_columns(CsvReader& csv, std::vector<std::string>& points) {
  std::vector<AnswerColumns> columns;
  const std::vector<std::string>& header = csv.header();
  for (size_t column = 0; column < header.size(); ++column) {
    if (!header[column].ends_with("_x")) continue;
    const std::string name = header[column].substr(0, header[column].size() - 2);
    AnswerColumns& point = columns.emplace_back(AnswerColumns{.x = column, .y = csv.column(name + "_y")});
    const auto at = std::ranges::find(header, name + std::string(kDeviation));
    if (at != header.end()) point.deviation = static_cast<size_t>(at - header.begin());
    if (point.deviation.has_value() != columns[0].deviation.has_value())
      csv.fail(fmt::format("deviations of some points alone: {} is not as the first", name));
    points.push_back(name);
  }
  if (points.empty()) csv.fail("no column NAME_x in the header, expected answers of `lineament train --folds`");
  return columns;
}

}  // namespace

void write_out_of_fold(const std::filesystem::path& path, const OutOfFold& all) {
  AtomicFile file(path);
  std::string line = "row,fold";
  for (const std::string& point : all.points) line += fmt::format(",{0}_x,{0}_y", point);
  if (!all.deviations.empty())
    for (const std::string& point : all.points) line += fmt::format(",{}{}", point, kDeviation);
  file.write(line + '\n');
  for (size_t i = 0; i < all.size(); ++i) {
    line = fmt::format("{},{}", all.rows[i], all.folds[i]);
    const auto add = [&](float px) {
      if (!std::isfinite(px))
        fail_run("{}: fold {} answers {} for row {}", path.string(), all.folds[i], px, all.rows[i]);
      fmt::format_to(std::back_inserter(line), ",{:.9g}", px);
    };
    std::ranges::for_each(all.answers[i], add);
    if (!all.deviations.empty()) std::ranges::for_each(all.deviations[i], add);
    file.write(line + '\n');
  }
  file.commit();
}

OutOfFold read_out_of_fold(const std::filesystem::path& path) {
  CsvReader csv(open_text(path, "out_of_fold"));
  OutOfFold all;
  const std::vector<AnswerColumns> columns = answer_columns(csv, all.points);
  const size_t row = csv.column("row"), fold = csv.column("fold");
  while (csv.next()) {
    all.rows.push_back(csv.id(row));
    all.folds.push_back(csv.id(fold));
    Keypoints& answer = all.answers.emplace_back();
    for (const AnswerColumns& point : columns)
      answer.insert(answer.end(), {read_px(csv, point.x), read_px(csv, point.y)});
    if (!columns[0].deviation) continue;
    std::vector<float>& deviations = all.deviations.emplace_back();
    for (const AnswerColumns& point : columns) deviations.push_back(read_px(csv, *point.deviation));
  }
  return all;
}

}  // namespace lineament
