#include "network/predictor.h"

#include <algorithm>
#include <cmath>

#include "data/augment/augment.h"
#include "data/fit.h"
#include "network/members.h"
#include "network/saved_network.h"

namespace lineament {

std::vector<Keypoints> predict(Network& network, const Faces& faces, int batch) { return answer(network, faces, batch).points; }

Answers answer(Network& network, const Faces& faces, int batch) {
  const auto& [shape, coordinates, deviations] = network.model().task;
  check(faces.shape == shape, "pictures of {}, for a network of {}", to_string(faces.shape), to_string(shape));
  const size_t values = shape.values();
  constexpr int kUsualBatch = 64;  // whose program is made anyway
  if (static_cast<size_t>(batch) > faces.size()) batch = std::min(batch, std::max(kUsualBatch, static_cast<int>(faces.size())));
  const auto points = static_cast<size_t>(coordinates / 2);
  Answers answers{.points = std::vector(faces.size(), Keypoints(static_cast<size_t>(coordinates)))};
  std::vector<float> images(static_cast<size_t>(batch) * values);
  for (size_t begin = 0; begin < faces.size(); begin += batch) {
    const size_t size = std::min<size_t>(batch, faces.size() - begin);
    std::ranges::transform(std::span(faces.pixels).subspan(begin * values, size * values), images.begin(),
                           [](uint8_t pixel) { return to_unit(pixel); });
    std::fill(images.begin() + size * values, images.end(), 0.0f);
    const Inferred inferred = network.infer(batch, images);
    for (size_t k = 0; k < size; ++k) {
      for (int c = 0; c < coordinates; ++c)
        answers.points[begin + k][c] = shape.to_pixels(c, inferred.coordinates[k * coordinates + c]);
      if (!deviations) continue;
      const auto logs = std::span(inferred.log_deviations).subspan(k * points, points);
      std::ranges::transform(logs, std::back_inserter(answers.deviations.emplace_back()), [](float log) { return std::exp(log); });
    }
  }
  return answers;
}

Predictor Predictor::load(const std::filesystem::path& run_or_checkpoint, Device device, Precision precision,
                          int threads) {
  const std::filesystem::path file = model_file_of(run_or_checkpoint);
  Predictor predictor;
  predictor.spec_ = read_spec(file);
  const Model model = predictor.spec_.build();
  predictor.network_ = std::make_unique<Network>(model, model.loss, find_backend(device), 0,
                                                 ProgramOptions{.precision = precision, .threads = threads});
  load_network(file, predictor.spec_.model, predictor.network_->parameters());
  return predictor;
}

Answers Predictor::answer(const Faces& faces) {
  const PictureShape& shape = spec_.picture;
  if (faces.shape == shape) return lineament::answer(*network_, faces);
  Answers answers = lineament::answer(*network_, fitted(faces, shape));
  const CropMap map = fit_map(faces.shape, shape);
  for (Keypoints& points : answers.points) points = to_photograph(map, points);
  const float px = map.box.width / static_cast<float>(shape.width);
  for (std::vector<float>& of_face : answers.deviations)
    for (float& deviation : of_face) deviation *= px;
  return answers;
}

namespace {

Faces mirrored(const Faces& faces) {
  Faces mirror = faces;
  const auto [height, width, channels] = faces.shape;
  for (size_t row = 0; row < mirror.size(); ++row) {
    const std::span<const uint8_t> from = faces.image(row);
    const std::span<uint8_t> to = mirror.image(row);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        std::copy_n(&from[size_t(y * width + width - 1 - x) * channels], channels, &to[size_t(y * width + x) * channels]);
  }
  return mirror;
}

/// Sums of the answers that are there, and how many they are.
struct Sums {
  std::vector<double> sum;
  std::vector<int> count;

  explicit Sums(size_t coordinates) : sum(coordinates), count(coordinates) {}
  void add(const Keypoints& answer) {
    for (size_t c = 0; c < answer.size(); ++c)
      if (!std::isnan(answer[c])) sum[c] += answer[c], ++count[c];
  }
  Keypoints means() const {
    Keypoints means(sum.size());
    for (size_t c = 0; c < sum.size(); ++c) means[c] = static_cast<float>(sum[c] / count[c]);
    return means;
  }
};

/// The mean of several networks' answers, and of their deviations where all of them predict some.
Answers mean_answers(std::vector<Predictor>& networks, const Faces& faces) {
  if (networks.size() == 1) return networks[0].answer(faces);
  const auto points = static_cast<size_t>(networks[0].spec().set.size());
  std::vector<Sums> sums(faces.size(), Sums(2 * points)), deviations(faces.size(), Sums(points));
  bool all_deviate = true;
  for (Predictor& network : networks) {
    const Answers answers = network.answer(faces);
    for (size_t row = 0; row < faces.size(); ++row) sums[row].add(answers.points[row]);
    all_deviate = all_deviate && !answers.deviations.empty();
    if (all_deviate)
      for (size_t row = 0; row < faces.size(); ++row) deviations[row].add(answers.deviations[row]);
  }
  Answers means;
  for (const Sums& sum : sums) means.points.push_back(sum.means());
  if (all_deviate)
    for (const Sums& sum : deviations) means.deviations.push_back(sum.means());
  return means;
}

/// A stack's blend, its offsets in px of these faces.
Blend blend_for(const Stack& stack, const PictureShape& faces) {
  Blend blend = stack.blend;
  const CropMap map = fit_map(faces, {.height = stack.height, .width = stack.width});
  for (size_t c = 0; c < blend.offset.size(); ++c)
    blend.offset[c] *= c % 2 == 0 ? map.box.width / stack.width : map.box.height / stack.height;
  return blend;
}

}  // namespace

Member Member::load(const std::filesystem::path& named, Device device, Precision precision) {
  Member member;
  if (is_stack(named)) member.stack_ = read_stack(named);
  for (const std::filesystem::path& run : runs_of(named)) {
    std::vector<Predictor>& networks = member.runs_.emplace_back();
    for (const std::filesystem::path& file : checkpoints_of(run)) {
      networks.push_back(Predictor::load(file, device, precision));
      const std::vector<std::string>& points = networks.back().spec().set.points;
      if (points != (member.stack_ ? member.stack_->points : member.spec().set.points))
        fail_input("{}: {} answers other points than the rest of it", named.string(), file.string());
    }
  }
  return member;
}

Answers Member::answer(const Faces& faces) {
  if (!stack_) return mean_answers(runs_.front(), faces);
  std::vector<std::vector<Keypoints>> answers;
  for (std::vector<Predictor>& networks : runs_) answers.push_back(mean_answers(networks, faces).points);
  const Blend blend = blend_for(*stack_, faces.shape);
  std::vector<Keypoints> blended;
  for (size_t row = 0; row < faces.size(); ++row) {
    std::vector<const Keypoints*> of_row;
    for (const std::vector<Keypoints>& of_run : answers) of_row.push_back(&of_run[row]);
    blended.push_back(blend.of(of_row));
  }
  return {.points = std::move(blended)};
}

std::string Member::model_name() const {
  std::vector<std::string> names;
  for (const std::vector<Predictor>& networks : runs_) {
    const std::string& model = networks.front().spec().model;
    names.push_back(networks.size() == 1 ? model : fmt::format("{} x {}", networks.size(), model));
  }
  return fmt::format("{}", fmt::join(names, " + "));
}

size_t Member::parameters() const {
  size_t count = 0;
  for (const std::vector<Predictor>& networks : runs_)
    for (const Predictor& network : networks) count += network.parameters();
  return count;
}

Ensemble Ensemble::load(std::span<const std::string> runs, bool mirror, Device device, Precision precision) {
  check(!runs.empty(), "an ensemble needs a run");
  Ensemble ensemble;
  ensemble.mirror_ = mirror;
  for (const std::string& run : runs) {
    ensemble.members_.push_back(Member::load(run, device, precision));
    const KeypointSet &first = ensemble.set(), &set = ensemble.members_.back().spec().set;
    if (set.points != first.points)
      fail_input("{}: answers {} ({} points), {} answers {} ({} points): they cannot answer together", run, set.name, set.size(),
                 runs[0], first.name, first.size());
  }
  return ensemble;
}

std::vector<Keypoints> Ensemble::predict(const Faces& faces) {
  std::vector<Sums> sums(faces.size(), Sums(static_cast<size_t>(set().coordinates())));
  const Faces mirror = mirror_ ? mirrored(faces) : Faces{};
  for (Member& member : members_) {
    const std::vector<Keypoints> answers = member.predict(faces);
    for (size_t row = 0; row < faces.size(); ++row) sums[row].add(answers[row]);
    if (!mirror_) continue;
    const std::vector<Keypoints> reflected = member.predict(mirror);
    for (size_t row = 0; row < faces.size(); ++row) sums[row].add(flipped(reflected[row], faces.shape, set().mirror));
  }
  std::vector<Keypoints> means;
  for (const Sums& sum : sums) means.push_back(sum.means());
  return means;
}

std::vector<Keypoints> Ensemble::predict(const Faces& faces, const KeypointSet& as) {
  const PointMeans means = means_between(set(), as);
  std::vector<Keypoints> answers = predict(faces);
  for (Keypoints& points : answers) points = means_of(means, points);
  return answers;
}

std::string Ensemble::model_name() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.model_name());
  return fmt::format("{}", fmt::join(names, " + "));
}

size_t Ensemble::parameters() const {
  size_t count = 0;
  for (const Member& member : members_) count += member.parameters();
  return count;
}

}  // namespace lineament
