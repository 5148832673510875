// The page's second half: how the runs went and what they came to.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/plots.h"
#include "report/progress.h"
#include "report/sections.h"
#include "train/settings.h"

namespace lineament {
namespace {

constexpr ChartFrame kFlat = {.width = 480, .height = 300, .titled = false};
constexpr ChartFrame kSquarer = {.width = 480, .height = 340, .titled = false};

/// What the study itself published, of which no more is known; on another data set.
struct Published {
  const char* name;
  double mse, accuracy;
};
constexpr Published kPublished[] = {{"published: a baseline", NAN, 0.83},
                                    {"published: the final network", 0.6, 0.95}};

Series series(const FinishedRun& run, const char* name, double EpochRecord::*member, double unit = 1) {
  Series curve{name, {}, {}};
  for (const EpochRecord& row : run.history) {
    curve.x.push_back(row.epoch);
    curve.y.push_back(unit * row.*member);
  }
  return curve;
}

std::string legend(std::span<const FinishedRun> runs) {
  std::string items;
  for (size_t i = 0; i < runs.size(); ++i) items += fmt::format("<li>{}</li>\n", run_label(runs, i));
  return fmt::format("<ul class=\"legend\">\n{}</ul>\n", items);
}

/// Which value of a column stands out, where there is more than one.
template <class Better>
size_t winner(std::span<const FinishedRun> runs, double Metrics::*member, Better better) {
  size_t best = runs.size();
  const auto same = [&](const FinishedRun& run) {
    return run.result.dev.*member == runs[0].result.dev.*member;
  };
  if (std::ranges::all_of(runs, same)) return best;
  for (size_t i = 0; i < runs.size(); ++i) {
    const double value = runs[i].result.dev.*member;
    if (std::isfinite(value) && (best == runs.size() || better(value, runs[best].result.dev.*member)))
      best = i;
  }
  return best;
}

std::string cell(std::string_view text, bool best = false) {
  return fmt::format("<td{}>{}</td>", best ? " class=\"best\"" : "", text);
}

/// "30 outputs"; "its outputs" where the runs have different sets.
std::string outputs(std::span<const FinishedRun> runs) {
  const size_t points = runs[0].result.points.size();
  for (const FinishedRun& run : runs)
    if (run.result.points.size() != points) return "its outputs";
  return fmt::format("{} outputs", 2 * points);
}

/// Whether the study's own figures are worth showing: they are of the contest's points.
bool is_of_the_contest(std::span<const Answered> answered) {
  return std::ranges::any_of(answered,
                             [](const Answered& a) { return a.dev->set.points == contest15().points; });
}

std::string table_rows(std::span<const FinishedRun> runs, bool with_published) {
  const size_t mse = winner(runs, &Metrics::mse, std::less<>()),
               nme = winner(runs, &Metrics::nme, std::less<>()),
               failures = winner(runs, &Metrics::failure_rate, std::less<>()),
               accuracy = winner(runs, &Metrics::accuracy, std::greater<>());
  double most = 0;
  for (const FinishedRun& run : runs) most = std::max(most, run.result.dev.mse);
  std::string rows;
  for (size_t i = 0; i < runs.size(); ++i) {
    const TrainConfig& config = runs[i].config;
    const RunResult& result = runs[i].result;
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"word\">{}</td><td class=\"word\">{}</td><td "
        "class=\"word\">{}</td>",
        run_label(runs, i), escaped(config.model), escaped(name_of(config.missing)),
        escaped(name_of(config.augment)));
    rows += cell(grouped(result.parameters));
    rows += fmt::format("<td class=\"bar{}\" style=\"--share:{:.1f}%\">{}</td>", i == mse ? " best" : "",
                        std::isfinite(result.dev.mse) && most > 0 ? 100 * result.dev.mse / most : 0,
                        fixed(result.dev.mse, 2));
    rows += cell(percent(result.dev.accuracy), i == accuracy) + cell(percent(result.dev.nme, 2), i == nme) +
            cell(percent(result.dev.failure_rate), i == failures) +
            cell(fmt::format("{} of {}", result.best_epoch, result.epochs)) +
            cell(format_seconds(result.seconds)) + cell(fixed(result.images_per_second, 0)) + "</tr>\n";
  }
  if (!with_published) return rows;
  for (const Published& one : kPublished)
    rows += fmt::format(
        "<tr class=\"other\"><th scope=\"row\">{}</th><td class=\"word\" colspan=\"3\">another data "
        "set</td><td></td><td>{}</td>"
        "<td>{}</td><td></td><td></td><td></td><td></td><td></td></tr>\n",
        one.name, std::isnan(one.mse) ? "" : fixed(one.mse, 1), percent(one.accuracy, 0));
  return rows;
}

/// "left eye center", or "the mean of left lid, right lid".
std::string mean_of(const KeypointSet& set, std::span<const int> points) {
  std::vector<std::string> names;
  for (const int k : points) names.push_back(point_title(set, k));
  return fmt::format("{}{}", names.size() > 1 ? "the mean of " : "", fmt::join(names, ", "));
}

/// What an NME divides by, for people, as HTML.
std::string scale_name(const KeypointSet& set) {
  const auto is = [&](const char* left, const char* right) {
    return mean_of(set, set.scale[0]) == left && mean_of(set, set.scale[1]) == right;
  };
  if (set.scale[0].empty()) return "the root of the area of the box round its keypoints";
  if (is("left eye center", "right eye center")) return "the distance of its eyes";
  if (is("left eye outer corner", "right eye outer corner")) return "the distance of its outer eye corners";
  return escaped(
      fmt::format("the distance between {} and {}", mean_of(set, set.scale[0]), mean_of(set, set.scale[1])));
}

/// The same for all runs; with the names of their sets where they differ.
std::string scales_of(std::span<const Answered> answered) {
  std::vector<std::string> scales, named;
  for (const Answered& one : answered) {
    const std::string scale = scale_name(one.dev->set);
    if (std::ranges::find(scales, scale) != scales.end()) continue;
    scales.push_back(scale);
    named.push_back(fmt::format("{} ({})", scale, escaped(one.dev->set.name)));
  }
  return scales.size() == 1 ? scales[0] : fmt::format("{}", fmt::join(named, " or "));
}

/// A px is not the same length in pictures of different sizes.
std::string shapes_note(std::span<const Answered> answered) {
  std::vector<std::string> shapes;
  for (const Answered& one : answered)
    if (const std::string shape = to_string(one.dev->shape); std::ranges::find(shapes, shape) == shapes.end())
      shapes.push_back(shape);
  if (shapes.size() == 1) return "";
  return fmt::format(" Errors in px are of each run's own pictures, which differ ({}): NME compares them.",
                     fmt::join(shapes, "; "));
}

/// Failure rates and areas, and the curves they are read off.
std::string errors_of_faces(std::span<const FinishedRun> runs, std::span<const Answered> answered) {
  std::vector<FaceErrors> errors;
  std::string rows;
  for (size_t i = 0; i < runs.size(); ++i) {
    const Metrics& dev = answered[i].measured;
    errors.push_back({"", dev.face_nme});
    rows += fmt::format("<tr><th scope=\"row\">{}</th>{}{}{}</tr>\n", run_label(runs, i),
                        cell(percent(dev.strict_failure_rate)), cell(percent(dev.failure_rate)),
                        cell(fixed(dev.auc, 3)));
  }
  return fmt::format(
      "<h3>Face by face</h3>\n<div class=\"pair\">\n{}<div><div class=\"scroll\"><table>\n<thead><tr><th "
      "scope=\"col\">run</th><th>above 8 %</th><th>above 10 %</th><th>AUC to 8 %</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table></div>\n"
      "<p class=\"note\">Shares of the dev faces whose NME is above 8 and 10 %, and the area under the curve "
      "up to "
      "8 %: 1 where no face has any error. From the answers of each run's best weights.</p></div>\n</div>\n",
      figure(error_curve_chart(errors, kSquarer),
             "<b>Cumulative error</b>: the share of the dev faces whose NME is at most so large."),
      rows);
}

/// What a run was told as a list; a default that was not changed is not in it.
std::string settings_list(const TrainConfig& config) {
  std::string items;
  for (const Difference& d : differences(TrainConfig{}, config))
    if (d.key != "out")
      items += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(d.key), d.b.empty() ? "–" : escaped(d.b));
  return fmt::format("<dl class=\"settings\">\n{}</dl>\n", items);
}

}  // namespace

std::string data_name(const TrainConfig& config) { return config.data.empty() ? "drawn faces" : config.data; }

size_t best_run(std::span<const FinishedRun> runs) {
  size_t best = 0;
  for (size_t i = 1; i < runs.size(); ++i)
    if (!(runs[i].result.dev.mse >= runs[best].result.dev.mse)) best = i;
  return best;
}

std::string run_label(std::span<const FinishedRun> runs, size_t i) {
  return fmt::format("<i class=\"dot\" style=\"color:{}\"></i><span class=\"n\">{}</span>{}", chart_colour(i),
                     i + 1, escaped(runs[i].name));
}

PageSection curves_section(std::span<const FinishedRun> runs) {
  std::string body;
  if (runs.size() > 1) {
    std::vector<Series> mse, accuracy;
    for (const FinishedRun& run : runs) {
      mse.push_back(series(run, "", &EpochRecord::dev_mse));
      accuracy.push_back(series(run, "", &EpochRecord::dev_accuracy, 100));
    }
    body += legend(runs) + "<div class=\"pair\">\n" +
            figure(curve_chart("dev MSE of all runs", mse,
                               {.y_label = "dev MSE [px²]", .log_y = true, .named = false}, kSquarer),
                   "<b>Dev MSE</b> of all runs, on rows that none of them trains on.") +
            figure(curve_chart("accuracy of all runs", accuracy, {.y_label = "accuracy [%]", .named = false},
                               kSquarer),
                   fmt::format("<b>Accuracy</b> of all runs: faces whose largest of {} is the right one, as "
                               "Keras counts.",
                               outputs(runs))) +
            "</div>\n<h3>Run by run</h3>\n";
  }
  body += "<div class=\"pair\">\n";
  for (size_t i = 0; i < runs.size(); ++i)
    body += figure(curve_chart("loss of " + runs[i].name,
                               {series(runs[i], "training loss", &EpochRecord::loss),
                                series(runs[i], "dev MSE", &EpochRecord::dev_mse)},
                               {.y_label = "", .log_y = true}, kFlat),
                   fmt::format("<b>{}</b> best in epoch {} of {}", run_label(runs, i),
                               runs[i].result.best_epoch, runs[i].result.epochs));
  return {"curves", "The curves", body + "</div>\n"};
}

PageSection results_section(std::span<const FinishedRun> runs, std::span<const Answered> answered) {
  const bool published = is_of_the_contest(answered);
  std::string body = fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">run</th><th "
      "class=\"word\">network</th><th class=\"word\">gaps</th>"
      "<th class=\"word\">augment</th><th>parameters</th><th>dev MSE "
      "[px²]</th><th>accuracy</th><th>NME</th><th>failures</th>"
      "<th>best epoch</th><th>time</th><th>images/s</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n"
      "<p class=\"note\">Accuracy as Keras counts it: the largest of {} is the right one. NME: a "
      "face's mean error over {}; a failure is a face above 10 %.{}{}</p>\n",
      table_rows(runs, published), outputs(runs), scales_of(answered), shapes_note(answered),
      published ? " The published figures are the study's own, on another data set: what is empty is not "
                  "known, and "
                  "they are no rivals of the rows above."
                : "");
  std::vector<Dot> accuracy, mse;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RunResult& result = runs[i].result;
    const auto parameters = static_cast<double>(result.parameters);
    accuracy.push_back({std::to_string(i + 1), parameters, 100 * result.dev.accuracy});
    mse.push_back({std::to_string(i + 1), parameters, result.dev.mse});
  }
  DotOptions options{.x_label = "parameters", .y_label = "accuracy [%]", .log_x = true, .levels = {}};
  if (published)
    for (const Published& one : kPublished)
      options.levels.push_back({fmt::format("{}, another data set", one.name), 100 * one.accuracy});
  body += legend(runs) + "<div class=\"pair\">\n" +
          figure(dot_chart("accuracy against parameters", accuracy, options, kSquarer),
                 "<b>Accuracy</b> against parameters.");
  options.y_label = "dev MSE [px²]";
  options.log_y = true;
  options.levels.clear();
  body += figure(dot_chart("dev MSE against parameters", mse, options, kSquarer),
                 "<b>Dev MSE</b> against parameters.");
  return {"results", "The results", body + "</div>\n" + errors_of_faces(runs, answered)};
}

PageSection settings_section(std::span<const FinishedRun> runs) {
  std::string body = "<p>What each run was told beside the defaults; all of it is in its config.json.</p>\n";
  for (size_t i = 0; i < runs.size(); ++i)
    body += fmt::format("<details><summary>{}<span>{}</span></summary><div>\n{}</div></details>\n",
                        run_label(runs, i), escaped(runs[i].folder.string()), settings_list(runs[i].config));
  return {"settings", "The settings", body};
}

}  // namespace lineament
