// Reads what the runs were trained on, lets every run answer for its dev set, and puts the sections together.
#include "report/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/check.h"
#include "network/predictor.h"
#include "network/saved_network.h"
#include "report/sections.h"
#include "train/settings.h"
#include "train/training_data.h"

namespace lineament {
namespace {

constexpr size_t kShownFaces = 6;  // of the best, and as many of the worst

/// Each set of faces is read once, however many runs use it; of all but the first, the dev set alone is kept.
class Library {
 public:
  explicit Library(const ReportOptions& options) : options_(options) {}

  std::shared_ptr<const Faces> dev(const FinishedRun& run) {
    TrainConfig config = run.config;
    if (!options_.data.empty() && !config.data.empty()) config.data = options_.data;
    const std::string key = to_json(data_settings(config));
    if (const auto at = devs_.find(key); at != devs_.end()) return at->second;
    Split split = read(config, run);
    const auto dev = std::make_shared<const Faces>(split.dev);
    if (devs_.empty()) first_ = std::move(split);
    return devs_[key] = dev;
  }
  const Split& first() const { return first_; }

 private:
  static Split read(const TrainConfig& config, const FinishedRun& run) {
    try {
      const KeypointSet set = read_spec(RunFolder::open(run.folder).best()).set;
      return load_split(config, nullptr, &set);
    } catch (const InputError& error) {
      fail_input("{}: {}; --data PATH says where its faces are now", run.folder.string(), error.what());
    }
  }

  const ReportOptions& options_;
  std::map<std::string, std::shared_ptr<const Faces>> devs_;  // by their settings
  Split first_;
};

std::string headline(std::span<const FinishedRun> runs) {
  const FinishedRun& best = runs[best_run(runs)];
  const Metrics& dev = best.result.dev;
  const auto tile = [](std::string_view kind, std::string_view value, std::string_view what) {
    return fmt::format("<div class=\"tile {}\"><b class=\"{}\">{}</b><span>{}</span></div>\n", kind,
                       kind == "wide" ? "word" : "", value, what);
  };
  std::vector<std::string> names;
  for (const FinishedRun& run : runs)
    if (std::ranges::find(names, run.config.model) == names.end()) names.push_back(run.config.model);
  return fmt::format("<p class=\"quiet\">{} {} of {} {}, on {}.</p>\n<div class=\"tiles\">\n", runs.size(),
                     runs.size() == 1 ? "run" : "runs", names.size(),
                     names.size() == 1 ? "network" : "networks", escaped(data_name(runs[0].config))) +
         tile("wide", escaped(best.name), "is the best of them") +
         tile("", fmt::format("{} <small>px²</small>", fixed(dev.mse, 2)), "its dev MSE") +
         tile("", percent(dev.accuracy), "its accuracy") + tile("", percent(dev.nme, 2), "its NME") +
         tile("", grouped(best.result.parameters), "its parameters") + "</div>\n";
}

/// Of the points that are there; NaN where there are none.
double mean_error(const KeypointSet& set, const Keypoints& answer, const Keypoints& truth) {
  double sum = 0;
  int points = 0;
  for (int k = 0; k < set.size(); ++k) {
    if (!has_point(truth, k)) continue;
    sum += std::hypot(answer[2 * k] - truth[2 * k], answer[2 * k + 1] - truth[2 * k + 1]);
    ++points;
  }
  return sum / points;
}

/// Rows of the dev set from the least error to the most; without those whose error cannot be said.
std::vector<std::pair<double, size_t>> ranking(const Answered& answered) {
  const Faces& dev = *answered.dev;
  std::vector<std::pair<double, size_t>> order;
  for (size_t row = 0; row < dev.size(); ++row) {
    const double error = mean_error(dev.set, answered.answers[row], dev.keypoints[row]);
    if (!std::isnan(error)) order.emplace_back(error, row);
  }
  std::ranges::sort(order);
  return order;
}

/// What the run says about these faces, of its own set.
Answered answer(const FinishedRun& run, std::shared_ptr<const Faces> dev) {
  Predictor predictor = Predictor::load(run.folder);
  const KeypointSet& set = predictor.spec().set;
  if (dev->set.points != set.points) dev = std::make_shared<const Faces>(with_set(*dev, set));
  Answered answered{&run, dev, predictor.predict(*dev), {}};
  MetricsAccumulator sums(dev->set);
  sums.add(answered.answers, dev->keypoints);
  answered.measured = sums.result();
  return answered;
}

std::string face_row(const Answered& answered, std::span<const std::pair<double, size_t>> rows,
                     FaceAlbum& album) {
  std::string shown;
  for (const auto& [error, row] : rows) {
    const std::array<Marks, 2> marks{
        {{"truth", answered.dev->keypoints[row]}, {"answer", answered.answers[row]}}};
    shown += album.face(*answered.dev, row, marks,
                        fmt::format("{} · {:.2f} px", face_title(*answered.dev, row), error), true);
  }
  return fmt::format("<div class=\"faces\">\n{}</div>\n", shown);
}

}  // namespace

PageSection faces_section(std::span<const FinishedRun> runs, std::span<const Answered> answered,
                          FaceAlbum& album) {
  std::string body =
      "<p>Of each run's dev set the faces that it finds best and worst, by the mean distance of their "
      "keypoints. "
      "<i class=\"key truth\"></i>truth, <i class=\"key answer\"></i>answer.</p>\n";
  for (size_t i = 0; i < answered.size(); ++i) {
    const auto order = ranking(answered[i]);
    const size_t count = std::min(kShownFaces, order.size() / 2);
    const std::span all(order);
    body += fmt::format(
        "<details{}><summary>{}<span>dev MSE {} "
        "px²</span></summary><div>\n<h3>best</h3>\n{}<h3>worst</h3>\n{}</div></details>\n",
        i == best_run(runs) ? " open" : "", run_label(runs, i), fixed(answered[i].run->result.dev.mse, 2),
        face_row(answered[i], all.first(count), album), face_row(answered[i], all.last(count), album));
  }
  return {"faces", "The faces", body};
}

std::string report_page(std::span<const FinishedRun> runs, const ReportOptions& options) {
  if (runs.empty()) fail_input("a report of no runs: expected at least one that is done");
  Library library(options);
  std::vector<Answered> answered;
  for (const FinishedRun& run : runs) answered.push_back(answer(run, library.dev(run)));
  const size_t best = best_run(runs);
  FaceAlbum album;
  std::vector<PageSection> sections;
  sections.push_back(data_section(library.first(), runs));
  sections.push_back(gaps_section(library.first(), runs, album));
  sections.push_back(curves_section(runs));
  sections.push_back(results_section(runs, answered));
  sections.push_back(keypoints_section(runs, answered[best]));
  sections.push_back(faces_section(runs, answered, album));
  sections.push_back(settings_section(runs));
  return html_page(options.title, headline(runs) + album.store(), sections);
}

void write_report(const std::filesystem::path& path, std::span<const FinishedRun> runs,
                  const ReportOptions& options) {
  write_atomically(path, report_page(runs, options));
}

}  // namespace lineament
