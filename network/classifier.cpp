#include "network/classifier.h"

#include <algorithm>

#include "network/pretrained.h"
#include "weights/catalogue.h"

namespace lineament {
namespace {

constexpr double kShare = 0.875;
constexpr int kUsualSide = 224;

const Backbone& chosen(const std::filesystem::path& weights, const std::string& model) {
  if (model.empty()) return guess_backbone(weights);
  if (const Backbone* found = find_backbone(model)) return *found;
  std::string names;
  for (const Backbone& backbone : backbones())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", backbone.name);
  fail_input("--model {}: expected one of {}", model, names);
}

}  // namespace

Picture centre_square(const Picture& photo, int side) {
  const int cut = std::max(1, static_cast<int>(std::min(photo.width, photo.height) * kShare));
  return resize(crop(to_rgb(photo), (photo.width - cut) / 2, (photo.height - cut) / 2, cut, cut), side, side);
}

Classifier::Classifier(const std::filesystem::path& weights, const std::string& model, Device device, Precision precision)
    : backbone_(&chosen(weights, model)) {
  const PublishedWeights* published = find_published(backbone_->name);
  side_ = published ? published->side : kUsualSide;
  Backend& backend = find_backend(device);
  parameters_ = std::make_unique<Parameters>(backend);
  Scope scope(graph_, *parameters_, Mode::infer);
  images_ = graph_.input({{1, side_, side_, 3}}, "images");
  answer_ = backbone_->top(scope, backbone_->features(scope, images_));
  graph_.keep(answer_);
  parameters_->allocate(0);
  report_ = load_weights(weights, *parameters_);
  program_ = std::make_unique<Program>(graph_, backend, parameters_->buffers(false),
                                       ProgramOptions{.keep_packed = true, .precision = precision});
}

std::vector<float> Classifier::probabilities(const Picture& square) {
  check(square.width == side_ && square.height == side_ && square.channels == 3,
        "a picture of {}x{} px, expected RGB of {}x{}", square.width, square.height, side_, side_);
  const std::vector<float> rgb(square.pixels.begin(), square.pixels.end());
  const SoleUse::Turn turn = use_.take("a classifier answers one thread at a time: give each thread its own");
  program_->feed<float>(images_, rgb);
  program_->run();
  return program_->read(answer_);
}

}  // namespace lineament
