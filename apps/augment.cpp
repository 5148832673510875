// lineament augment: what training would see of a data set's faces, on two sheets with the keypoints drawn on.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/options.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "data/augment/study_set.h"
#include "report/sheet.h"
#include "data/augment/augment.h"
#include "train/recipe.h"
#include "train/training_data.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShownFaces = 4;
constexpr int kShownEpochs = 11;

struct AugmentArguments {
  std::string data, out = "lineament-augment";
  std::vector<std::string> settings;
};

/// Complete faces from all over the set that no kind of the study's drops.
std::vector<size_t> pick(const Faces& faces, uint64_t seed) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < faces.size() && rows.size() < kShownFaces; ++row) {
    const Faces face = faces.select(std::span(&row, 1));
    if (!is_complete(face.keypoints[0]) || study_set(face, seed).size() < kStudyKinds) continue;
    rows.push_back(row);
    row += faces.size() / (2 * kShownFaces);
  }
  if (rows.empty()) fail_input("no complete face stays whole when it is shifted: there is nothing to show");
  return rows;
}

Faces study_rows(const Faces& faces, const std::vector<size_t>& rows, uint64_t seed) {
  Faces shown{.set = faces.set, .shape = faces.shape};
  for (const size_t row : rows) shown.append(study_set(faces.select(std::span(&row, 1)), seed));
  return shown;
}

Faces fresh_rows(const Faces& faces, const std::vector<size_t>& rows, const TrainConfig& config) {
  Faces shown{.set = faces.set, .shape = faces.shape};
  std::vector<float> picture(faces.shape.values());
  for (const size_t row : rows)
    for (int epoch = 0; epoch < kShownEpochs; ++epoch) {
      std::ranges::transform(faces.image(row), picture.begin(), [](uint8_t pixel) { return to_unit(pixel); });
      Keypoints points = faces.keypoints[row];
      augment({picture, faces.shape}, points, faces.set.mirror, config.draws, augment_key(config.seed, epoch, static_cast<uint32_t>(row)));
      for (const float v : picture) shown.pixels.push_back(static_cast<uint8_t>(255 * v + 0.5f));
      shown.keypoints.push_back(points);
      shown.ids.push_back(faces.ids[row]);
    }
  return shown;
}

void write_sheet(const fs::path& path, const Faces& shown, int columns) {
  std::vector<size_t> rows(shown.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  write_png(path, sheet(shown, rows, {}, {.columns = columns, .scale = 2}));
}

void show(const AugmentArguments& options) {
  TrainConfig config;
  config.data = options.data;
  set_read_values(config, options.settings, {"rows", "points", "picture", "crop", "augment", "seed"});
  validate(config);
  const Faces faces = load_faces(config);
  const std::vector<size_t> rows = pick(faces, config.seed);

  make_folder(options.out);
  const fs::path study = fs::path(options.out) / "study.png", fresh = fs::path(options.out) / "fresh.png";
  write_sheet(study, study_rows(faces, rows, config.seed), kStudyKinds);
  write_sheet(fresh, fresh_rows(faces, rows, config), kShownEpochs);
  std::string kinds;
  for (int kind = 0; kind < kStudyKinds; ++kind)
    kinds += fmt::format("{}{}", kind ? ", " : "", name_of(static_cast<StudyKind>(kind)));
  fmt::print("{}  a face a row: {}\n{}  the same faces as {} epochs draw them\n", study.string(), kinds,
             fresh.string(), kShownEpochs);
}

}  // namespace

void add_augment(CLI::App& app) {
  auto options = std::make_shared<AugmentArguments>();
  CLI::App* command =
      app.add_subcommand("augment", "Show what augmentation makes of faces, keypoints drawn on");
  command->add_option("--data", options->data, "As `lineament train` takes it; without it, drawn faces.")
      ->type_name("PATH");
  command->add_option("--out", options->out, "Where the two sheets go.")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_option("--set", options->settings, "A setting, such as augment.rotation=30 or seed=2.")
      ->type_name("KEY=VALUE");
  command->callback([options] {
    const InputsSpared spared;
    show(*options);
  });
}

}  // namespace lineament
