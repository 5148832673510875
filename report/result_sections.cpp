// The page's second half: how the runs went and what they came to.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

std::string table_rows(std::span<const FinishedRun> runs) {
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
  for (const Published& one : kPublished)
    rows += fmt::format(
        "<tr class=\"other\"><th scope=\"row\">{}</th><td class=\"word\" colspan=\"3\">another data "
        "set</td><td></td><td>{}</td>"
        "<td>{}</td><td></td><td></td><td></td><td></td><td></td></tr>\n",
        one.name, std::isnan(one.mse) ? "" : fixed(one.mse, 1), percent(one.accuracy, 0));
  return rows;
}

/// The warmer, the further from nothing towards `most`.
std::string heat(double value, double most) {
  const double share = std::isfinite(value) && most > 0 ? value / most : 0;
  return fmt::format("<td style=\"background:rgb(var(--warm) / {:.2f})\">{}</td>", 0.75 * share,
                     fixed(value, 2));
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
                   "<b>Accuracy</b> of all runs: faces whose largest of 30 outputs is the right one, as "
                   "Keras counts.") +
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

PageSection results_section(std::span<const FinishedRun> runs) {
  std::string body = fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">run</th><th "
      "class=\"word\">network</th><th class=\"word\">gaps</th>"
      "<th class=\"word\">augment</th><th>parameters</th><th>dev MSE "
      "[px²]</th><th>accuracy</th><th>NME</th><th>failures</th>"
      "<th>best epoch</th><th>time</th><th>images/s</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n"
      "<p class=\"note\">Accuracy as Keras counts it: the largest of 30 outputs is the right one. NME: a "
      "face's mean error over "
      "the distance of its eyes; a failure is a face above 10 %. The published figures are the study's own, "
      "on another "
      "data set: what is empty is not known, and they are no rivals of the rows above.</p>\n",
      table_rows(runs));
  std::vector<Dot> accuracy, mse;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RunResult& result = runs[i].result;
    const auto parameters = static_cast<double>(result.parameters);
    accuracy.push_back({std::to_string(i + 1), parameters, 100 * result.dev.accuracy});
    mse.push_back({std::to_string(i + 1), parameters, result.dev.mse});
  }
  DotOptions options{.x_label = "parameters", .y_label = "accuracy [%]", .log_x = true, .levels = {}};
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
  return {"results", "The results", body + "</div>\n"};
}

PageSection keypoints_section(std::span<const FinishedRun> runs, const Answered& best) {
  double most = 0;
  for (const FinishedRun& run : runs)
    for (const double error : run.result.dev.point_error)
      if (std::isfinite(error)) most = std::max(most, error);
  std::string heads, rows;
  for (size_t i = 0; i < runs.size(); ++i)
    heads += fmt::format("<th scope=\"col\" class=\"run\"><span>{}</span></th>", run_label(runs, i));
  for (int k = 0; k < kPoints; ++k) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", point_title(k));
    for (const FinishedRun& run : runs) rows += heat(run.result.dev.point_error[k], most);
    rows += "</tr>\n";
  }
  return {"keypoints", "Keypoint by keypoint",
          fmt::format("<p>Mean distance from the truth on the dev set, in px.</p>\n<div class=\"beside\">\n"
                      "<figure class=\"chart mean\">{}<figcaption>The mean dev face. A disc reaches as far "
                      "as <b>{}</b> errs there on average."
                      "</figcaption></figure>\n"
                      "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th "
                      "scope=\"col\">keypoint</th>{}</tr></thead>\n"
                      "<tbody>{}</tbody></table></div>\n</div>\n",
                      FaceAlbum::mean_face(*best.dev, best.run->result.dev.point_error),
                      escaped(best.run->name), heads, rows)};
}

PageSection settings_section(std::span<const FinishedRun> runs) {
  std::string body = "<p>What each run was told beside the defaults; all of it is in its config.json.</p>\n";
  for (size_t i = 0; i < runs.size(); ++i)
    body += fmt::format("<details><summary>{}<span>{}</span></summary><div>\n{}</div></details>\n",
                        run_label(runs, i), escaped(runs[i].folder.string()), settings_list(runs[i].config));
  return {"settings", "The settings", body};
}

}  // namespace lineament
