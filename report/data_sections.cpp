// The page's first half: what the data holds, and what each treatment makes of its gaps.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
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
  Faces all{.set = split.dev.set, .shape = split.dev.shape};
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

/// None where no row would stay.
std::optional<Treated> treat(const Faces& faces, Missing method) {
  Treated treated;
  for (const Keypoints& points : faces.keypoints) treated.labels.emplace_back(points.begin(), points.end());
  try {
    treated.report = impute(treated.labels, method);
  } catch (const InputError&) {
    return {};
  }
  return treated;
}

std::string explained(Missing method, const std::optional<Treated>& treated, size_t rows) {
  if (!treated) return "Rows with gaps go: no row would stay.";
  const ImputeReport& report = treated->report;
  switch (method) {
    case Missing::mask:
      return fmt::format("Nothing is made up: the loss leaves out what is missing. All {} rows train.",
                         grouped(rows));
    case Missing::drop:
      return fmt::format("Rows with gaps go: {} of {} stay.", grouped(rows - report.dropped), grouped(rows));
    case Missing::ffill:
      return fmt::format("Each gap takes the value of the row above, another face: {} coordinates.",
                         grouped(report.cells()));
    case Missing::knn:
      return fmt::format("Each gap takes the mean of the five nearest rows: {} coordinates.",
                         grouped(report.cells()));
  }
  return {};
}

/// Where `row` is after the treatment; none where it was left out.
std::optional<size_t> place_of(size_t row, const std::optional<Treated>& treated) {
  if (!treated) return {};
  const std::vector<size_t>& kept = treated->report.kept;
  const auto at = std::ranges::lower_bound(kept, row);
  if (at == kept.end() || *at != row) return {};
  return static_cast<size_t>(at - kept.begin());
}

/// The faces of `rows` as this treatment leaves them: what was there, and what was filled in.
std::string strip(const Faces& faces, std::span<const size_t> rows, Missing method, FaceAlbum& album) {
  const std::optional<Treated> treated = treat(faces, method);
  std::string shown;
  for (const size_t row : rows) {
    const std::string caption = face_title(faces, row);
    const std::optional<size_t> place = place_of(row, treated);
    if (!place) {
      shown += album.face_left_out(faces, row, caption);
      continue;
    }
    const LabelRow& labels = treated->labels[*place];
    Keypoints filled(labels.size(), kMissing);
    for (int k = 0; k < faces.set.size(); ++k)
      if (!has_point(faces.keypoints[row], k))
        for (const int c : {2 * k, 2 * k + 1}) filled[c] = static_cast<float>(labels[c]);
    shown += album.face(faces, row,
                        std::array<Marks, 2>{{{"truth", faces.keypoints[row]}, {"filled", filled}}}, caption);
  }
  return fmt::format(
      "<div class=\"treatment\"><div><h3>{}</h3><p>{}</p></div>\n<div class=\"faces\">\n{}</div></div>\n",
      name_of(method), explained(method, treated, faces.size()), shown);
}

/// Runs that are told the same but for their gaps: a row for each group, a column for each treatment.
std::string costs(std::span<const FinishedRun> runs, std::string_view measured_on) {
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
      "below it. All of them are measured on the same {}.</p>\n"
      "<div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">network</th>{}</tr></thead>\n<tbody>{}</tbody></table></div>\n",
      measured_on, heads, rows);
}

/// "fifteen", as far as people write numbers out.
std::string number_word(int n) {
  static constexpr std::array kWords = {"no",       "one",      "two",      "three",   "four",    "five",
                                        "six",      "seven",    "eight",    "nine",    "ten",     "eleven",
                                        "twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                                        "eighteen", "nineteen", "twenty"};
  return static_cast<size_t>(n) < kWords.size() ? kWords[static_cast<size_t>(n)] : std::to_string(n);
}

/// "grey faces of 96 by 96 pixels, fifteen keypoints each", with the name of a set that is not the contest's.
std::string kind_of(const Faces& faces) {
  const int points = faces.set.size();
  const std::string name =
      faces.set.name == contest15().name ? "" : fmt::format(" ({})", escaped(faces.set.name));
  return fmt::format("{} faces of {} by {} pixels, {} {} each{}",
                     faces.shape.channels == 1 ? "grey" : "colour", faces.shape.width, faces.shape.height,
                     number_word(points), points == 1 ? "keypoint" : "keypoints", name);
}

/// What runs are measured on, for people.
const char* measured_on(const Split& split) {
  return std::ranges::all_of(split.dev.keypoints, is_complete) ? "complete rows" : "rows";
}

}  // namespace

PageSection data_section(const Split& split, std::span<const FinishedRun> runs) {
  const Faces all = labels_of(split);
  const auto complete = static_cast<size_t>(std::ranges::count_if(all.keypoints, is_complete));
  size_t missing = 0;
  for (const Keypoints& points : all.keypoints)
    missing += static_cast<size_t>(std::ranges::count_if(points, [](float v) { return std::isnan(v); }));
  const double rows = static_cast<double>(all.size());
  std::string body = fmt::format("<p>{}: {}.", escaped(data_name(runs[0].config)), kind_of(all));
  const auto others = std::ranges::count_if(
      runs, [&](const FinishedRun& run) { return data_name(run.config) != data_name(runs[0].config); });
  if (others > 0)
    body += fmt::format(" {} of the {} runs were trained on other data; this is what the first one saw.",
                        others, runs.size());
  body += "</p>\n<div class=\"tiles\">\n" + tile(grouped(all.size()), "rows") +
          tile(fmt::format("{} <small>{}</small>", grouped(complete),
                           percent(static_cast<double>(complete) / rows)),
               "have all keypoints") +
          tile(percent(static_cast<double>(missing) / (rows * all.set.coordinates())),
               "of all coordinates are missing") +
          tile(grouped(split.dev.size()), fmt::format("{} to measure on", measured_on(split))) +
          "</div>\n<br>\n";
  body += "<div class=\"pair\">\n" +
          figure(missing_chart(all, kTall), "<b>What is missing.</b> Share of rows that lack a keypoint.") +
          figure(histogram_chart(all, kTall),
                 fmt::format("<b>Where {} lie.</b> Left and right are the person's own.",
                             all.set.size() <= kHistogramPanels
                                 ? "the keypoints"
                                 : fmt::format("{} of {} keypoints", kHistogramPanels, all.set.size()))) +
          "</div>\n";
  return {"data", "The data", body};
}

PageSection gaps_section(const Split& split, std::span<const FinishedRun> runs, FaceAlbum& album) {
  const Faces& faces = split.train;
  const std::vector<size_t> rows = pick_rows(faces);
  std::string body;
  if (std::ranges::all_of(faces.keypoints, is_complete)) {
    body =
        "<p>There are none: every treatment leaves the training rows as they are.</p>\n<div "
        "class=\"faces\">\n";
    for (const size_t row : rows)
      body += album.face(faces, row, std::array<Marks, 1>{{{"truth", faces.keypoints[row]}}},
                         face_title(faces, row));
    body += "</div>\n";
  } else {
    body =
        "<p>The same training rows under each treatment. <i class=\"key truth\"></i>stands in the file, "
        "<i class=\"key filled\"></i>was filled in.</p>\n";
    for (const auto& treatment : Choices<Missing>::rows()) body += strip(faces, rows, treatment.value, album);
  }
  return {"gaps", "The gaps", body + costs(runs, measured_on(split))};
}

}  // namespace lineament
