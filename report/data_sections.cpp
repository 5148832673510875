// The page's first half: what the data holds, and what each treatment makes of its gaps.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "data/formats/face_table.h"
#include "data/impute.h"
#include "report/plots.h"
#include "report/sections.h"

namespace lineament {
namespace {

constexpr ChartFrame kTall = {.width = 480, .height = 620, .titled = false};
constexpr size_t kShown = 6, kShownComplete = 2;

std::string tile(std::string_view value, std::string_view what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", value, what);
}

/// Labels of both parts, without pictures.
Faces labels_of(const Split& split) {
  Faces all;
  all.keypoints = split.dev.keypoints;
  all.keypoints.insert(all.keypoints.end(), split.train.keypoints.begin(), split.train.keypoints.end());
  return all;
}

/// Complete rows and rows with gaps from all over the set, in file order.
std::vector<size_t> pick_rows(const Faces& faces) {
  std::array<std::vector<size_t>, 2> kinds;  // with gaps, complete
  for (size_t row = 0; row < faces.size(); ++row) kinds[is_complete(faces.keypoints[row])].push_back(row);
  std::vector<size_t> rows;
  const auto take = [&](const std::vector<size_t>& from, size_t count) {
    count = std::min(count, from.size());
    for (size_t i = 0; i < count; ++i) rows.push_back(from[(2 * i + 1) * from.size() / (2 * count)]);
  };
  take(kinds[0], kShown - std::min(kShownComplete, kinds[1].size()));
  take(kinds[1], kShown - rows.size());
  std::ranges::sort(rows);
  return rows;
}

struct Treated {
  LabelTable labels;
  ImputeReport report;
};

Treated treat(const Faces& faces, Missing method) {
  Treated treated{LabelTable(faces.size()), {}};
  for (size_t row = 0; row < faces.size(); ++row)
    std::ranges::copy(faces.keypoints[row], treated.labels[row].begin());
  treated.report = impute(treated.labels, method);
  return treated;
}

std::string explained(Missing method, const Treated& treated, size_t rows) {
  switch (method) {
    case Missing::mask:
      return fmt::format("Nothing is made up: the loss leaves out what is missing. All {} rows train.",
                         grouped(rows));
    case Missing::drop:
      return fmt::format("Rows with gaps go: {} of {} stay.", grouped(rows - treated.report.dropped),
                         grouped(rows));
    case Missing::ffill:
      return fmt::format("Each gap takes the value of the row above, another face: {} coordinates.",
                         grouped(treated.report.cells()));
    case Missing::knn:
      return fmt::format("Each gap takes the mean of the five nearest rows: {} coordinates.",
                         grouped(treated.report.cells()));
  }
  return {};
}

/// The faces of `rows` as this treatment leaves them: what was there, and what was filled in.
std::string strip(const Faces& faces, std::span<const size_t> rows, Missing method, FaceAlbum& album) {
  const Treated treated = treat(faces, method);
  std::string shown;
  for (const size_t row : rows) {
    const std::string caption = fmt::format("row {}", faces.ids[row]);
    const auto kept = std::ranges::lower_bound(treated.report.kept, row);
    if (kept == treated.report.kept.end() || *kept != row) {
      shown += album.face_left_out(faces, row, caption);
      continue;
    }
    const LabelRow& labels = treated.labels[static_cast<size_t>(kept - treated.report.kept.begin())];
    Keypoints filled;
    filled.fill(kMissing);
    for (int k = 0; k < kPoints; ++k)
      if (std::isnan(faces.keypoints[row][2 * k]) || std::isnan(faces.keypoints[row][2 * k + 1]))
        for (const int c : {2 * k, 2 * k + 1}) filled[c] = static_cast<float>(labels[c]);
    shown += album.face(faces, row,
                        std::array<Marks, 2>{{{"truth", faces.keypoints[row]}, {"filled", filled}}}, caption);
  }
  return fmt::format(
      "<div class=\"treatment\"><div><h3>{}</h3><p>{}</p></div>\n<div class=\"faces\">\n{}</div></div>\n",
      name_of(method), explained(method, treated, faces.size()), shown);
}

/// Runs that are told the same but for their gaps: a row for each group, a column for each treatment.
std::string contest(std::span<const FinishedRun> runs) {
  std::map<std::string, std::map<Missing, size_t>> groups;  // settings -> treatment -> run
  for (size_t i = 0; i < runs.size(); ++i) {
    TrainConfig config = runs[i].config;
    const Missing missing = std::exchange(config.missing, Missing::mask);
    config.out = config.kernel = "";
    config.device = Device::cpu;
    config.precision = Precision::f32;
    config.threads = 0;
    config.deterministic = false;
    groups[to_json(config)].try_emplace(missing, i);
  }
  std::string rows;
  for (const auto& [_, group] : groups) {
    if (group.size() < 2) continue;
    double least = INFINITY;
    for (const auto& [name, i] : group) least = std::min(least, runs[i].result.dev.mse);
    const FinishedRun& first = runs[group.begin()->second];
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(first.config.model));
    for (const auto& treatment : Choices<Missing>::rows()) {
      const auto at = group.find(treatment.value);
      if (at == group.end()) {
        rows += "<td>–</td>";
        continue;
      }
      const Metrics& dev = runs[at->second].result.dev;
      rows +=
          fmt::format("<td{}>{}<br><span class=\"note\">{}</span></td>",
                      dev.mse == least ? " class=\"best\"" : "", fixed(dev.mse, 2), percent(dev.accuracy));
    }
    rows += "</tr>\n";
  }
  if (rows.empty()) return "";
  std::string heads;
  for (const auto& treatment : Choices<Missing>::rows())
    heads += fmt::format("<th scope=\"col\">{}</th>", treatment.name);
  return fmt::format(
      "<h3>What it costs</h3>\n<p>Runs that differ in their treatment of gaps alone: dev MSE in px², "
      "accuracy "
      "below it. All of them are measured on the same complete rows.</p>\n"
      "<div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">network</th>{}</tr></thead>\n<tbody>{}</tbody></table></div>\n",
      heads, rows);
}

}  // namespace

PageSection data_section(const Split& split, std::span<const FinishedRun> runs) {
  const Faces all = labels_of(split);
  const auto complete = static_cast<size_t>(std::ranges::count_if(all.keypoints, is_complete));
  size_t missing = 0;
  for (const Keypoints& points : all.keypoints)
    missing += static_cast<size_t>(std::ranges::count_if(points, [](float v) { return std::isnan(v); }));
  const double rows = static_cast<double>(all.size());
  std::string body = fmt::format("<p>{}: grey faces of 96 by 96 pixels, fifteen keypoints each.",
                                 escaped(data_name(runs[0].config)));
  const auto others = std::ranges::count_if(
      runs, [&](const FinishedRun& run) { return data_name(run.config) != data_name(runs[0].config); });
  if (others > 0)
    body += fmt::format(" {} of the {} runs were trained on other data; this is what the first one saw.",
                        others, runs.size());
  body +=
      "</p>\n<div class=\"tiles\">\n" + tile(grouped(all.size()), "rows") +
      tile(fmt::format("{} <small>{}</small>", grouped(complete),
                       percent(static_cast<double>(complete) / rows)),
           "have all keypoints") +
      tile(percent(static_cast<double>(missing) / (rows * kCoordinates)), "of all coordinates are missing") +
      tile(grouped(split.dev.size()), "complete rows to measure on") + "</div>\n<br>\n";
  body += "<div class=\"pair\">\n" +
          figure(missing_chart(all, kTall), "<b>What is missing.</b> Share of rows that lack a keypoint.") +
          figure(histogram_chart(all, kTall),
                 "<b>Where the keypoints lie.</b> Left and right are the person's own.") +
          "</div>\n";
  return {"data", "The data", body};
}

PageSection gaps_section(const Split& split, std::span<const FinishedRun> runs, FaceAlbum& album) {
  const std::vector<size_t> rows = pick_rows(split.train);
  std::string body =
      "<p>The same training rows under each treatment. <i class=\"key truth\"></i>stands in the file, "
      "<i class=\"key filled\"></i>was filled in.</p>\n";
  for (const auto& treatment : Choices<Missing>::rows())
    body += strip(split.train, rows, treatment.value, album);
  return {"gaps", "The gaps", body + contest(runs)};
}

}  // namespace lineament
