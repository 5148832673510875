#include "report/run_watch.h"

#include <memory>

#include "data/pictures/picture.h"
#include "network/losses.h"
#include "report/plots.h"
#include "report/progress.h"
#include "report/sheet.h"

namespace lineament {
namespace {

void draw_curves(const RunFolder& folder, const TrainConfig& config) {
  Series loss{"training loss", {}, {}}, dev{"dev MSE", {}, {}};
  for (const EpochRecord& row : folder.read_history()) {
    loss.x.push_back(row.epoch);
    loss.y.push_back(row.loss);
    dev.x.push_back(row.epoch);
    dev.y.push_back(row.dev_mse);
  }
  const Loss kind = loss_of(config);
  plot_curves(folder.curves(), fmt::format("{}, {}, seed {}", config.model, name_of(config.missing), config.seed),
              {loss, dev}, {.y_label = loss_axis(kind), .log_y = true});
}

void draw_predictions(const RunFolder& folder, const Faces& dev, std::span<const Keypoints> answers) {
  constexpr size_t kShown = 24;
  const size_t count = std::min(kShown, dev.size());
  std::vector<size_t> rows;
  std::vector<Keypoints> shown;
  for (size_t i = 0; i < count; ++i) {
    rows.push_back(i * dev.size() / count);
    shown.push_back(answers[rows.back()]);
  }
  write_png(folder.predictions(), sheet(dev, rows, shown));
}

template <class F>
void try_drawing(const std::filesystem::path& picture, F draw) {
  try {
    draw();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: not drawn: {}\n", picture.string(), error.what());
  }
}

}  // namespace

TrainObserver watch_run(const TrainConfig& config) {
  struct Watch {
    TrainConfig config;
    int epochs = 0;
    std::unique_ptr<Progress> progress;  // once it has started
  };
  const auto watch = std::make_shared<Watch>();
  watch->config = config;
  return {.note =
              [watch](const std::string& line) {
                if (watch->progress)
                  watch->progress->say(line);
                else
                  fmt::print("{}\n", line);
              },
          .start =
              [watch](int epochs, size_t faces, int first_epoch) {
                watch->epochs = epochs;
                watch->progress = std::make_unique<Progress>(stdout, epochs, faces, first_epoch);
              },
          .batch = [watch](size_t faces, double loss) { watch->progress->batch(faces, loss); },
          .epoch =
              [watch](const EpochRecord& r, bool is_best) {
                watch->progress->end_epoch(fmt::format(
                    "epoch {:3}/{}  loss {:9.4f}  dev MSE {:8.4f} px^2  accuracy {:5.1f} %  NME {:5.2f} %{}", r.epoch,
                    watch->epochs, r.loss, r.dev_mse, 100 * r.dev_accuracy, 100 * r.dev_nme, is_best ? "  best" : ""));
              },
          .done =
              [watch](const RunResult&, const Faces& dev, std::span<const Keypoints> answers) {
                watch->progress.reset();
                const RunFolder folder = RunFolder::open(watch->config.out);
                try_drawing(folder.curves(), [&] { draw_curves(folder, watch->config); });
                try_drawing(folder.predictions(), [&] { draw_predictions(folder, dev, answers); });
              }};
}

TrainObserver watch_fold(const TrainConfig& fold) {
  fmt::print("[{}/{}] {}\n", fold.fold.part, fold.fold.of, fold.out);
  return watch_run(fold);
}

}  // namespace lineament
