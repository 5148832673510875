#include "network/predictor.h"

#include <algorithm>
#include <array>

#include "data/augment/augment.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/loader.h"

namespace lineament {

std::vector<Keypoints> predict(Network& network, const Faces& faces, int batch) {
  std::vector<Keypoints> keypoints(faces.size());
  std::vector<float> images(static_cast<size_t>(batch) * kPixels);
  for (size_t begin = 0; begin < faces.size(); begin += batch) {
    const size_t size = std::min<size_t>(batch, faces.size() - begin);
    to_unit(std::span(faces.pixels).subspan(begin * kPixels, size * kPixels), images);
    std::fill(images.begin() + size * kPixels, images.end(), 0.0f);
    const std::vector<float> answers = network.infer(batch, images);
    for (size_t k = 0; k < size; ++k)
      for (int c = 0; c < kCoordinates; ++c)
        keypoints[begin + k][c] = to_pixels(answers[k * kCoordinates + c]);
  }
  return keypoints;
}

Predictor Predictor::load(const std::filesystem::path& run_or_checkpoint, Device device,
                          Precision precision) {
  namespace fs = std::filesystem;
  if (!fs::exists(run_or_checkpoint)) fail_input("{}: no such run or checkpoint", run_or_checkpoint.string());
  const fs::path file =
      fs::is_directory(run_or_checkpoint) ? run_or_checkpoint / "model.safetensors" : run_or_checkpoint;
  if (!fs::exists(file))
    fail_input("{}: no model.safetensors in this folder, expected a run folder of `lineament train`",
               run_or_checkpoint.string());

  Predictor predictor;
  const CheckpointInfo info = read_checkpoint_info(file);
  predictor.model_name_ = info.model;
  const HeadOptions head =
      info.config.empty() ? HeadOptions{} : parse_config(info.config, file.string()).head;
  const Model model = find_model(info.model, head);
  predictor.network_ = std::make_unique<Network>(model, model.loss, find_backend(device), 0,
                                                 ProgramOptions{.precision = precision});
  load_checkpoint(file, predictor.model_name_, predictor.network_->parameters());
  return predictor;
}

std::vector<Keypoints> Predictor::predict(const Faces& faces) { return lineament::predict(*network_, faces); }

namespace {

Faces mirrored(const Faces& faces) {
  Faces mirror = faces;
  for (size_t row = 0; row < mirror.size(); ++row)
    for (int y = 0; y < kImageSize; ++y) {
      const std::span<uint8_t> line = mirror.image(row).subspan(y * kImageSize, kImageSize);
      std::ranges::reverse(line);
    }
  return mirror;
}

}  // namespace

Ensemble Ensemble::load(std::span<const std::string> runs, bool mirror, Device device, Precision precision) {
  check(!runs.empty(), "an ensemble needs a run");
  Ensemble ensemble;
  ensemble.mirror_ = mirror;
  for (const std::string& run : runs) ensemble.members_.push_back(Predictor::load(run, device, precision));
  return ensemble;
}

std::vector<Keypoints> Ensemble::predict(const Faces& faces) {
  std::vector<std::array<double, kCoordinates>> sums(faces.size());
  const Faces mirror = mirror_ ? mirrored(faces) : Faces{};
  for (Predictor& member : members_) {
    const auto add = [&](const Keypoints& answer, size_t row) {
      for (int c = 0; c < kCoordinates; ++c) sums[row][c] += answer[c];
    };
    const std::vector<Keypoints> answers = member.predict(faces);
    for (size_t row = 0; row < faces.size(); ++row) add(answers[row], row);
    if (!mirror_) continue;
    const std::vector<Keypoints> reflected = member.predict(mirror);
    for (size_t row = 0; row < faces.size(); ++row) add(flipped(reflected[row]), row);
  }
  const double count = static_cast<double>(members_.size() * (mirror_ ? 2 : 1));
  std::vector<Keypoints> means(faces.size());
  for (size_t row = 0; row < faces.size(); ++row)
    for (int c = 0; c < kCoordinates; ++c) means[row][c] = static_cast<float>(sums[row][c] / count);
  return means;
}

std::string Ensemble::model_name() const {
  std::vector<std::string> names;
  for (const Predictor& member : members_) names.push_back(member.model_name());
  return fmt::format("{}", fmt::join(names, " + "));
}

size_t Ensemble::parameters() const {
  size_t count = 0;
  for (const Predictor& member : members_) count += member.parameters();
  return count;
}

}  // namespace lineament
