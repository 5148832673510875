// A backbone with its 1000-class top: a photograph in, a probability for each class out.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/sole_use.h"
#include "data/pictures/picture.h"
#include "models/backbones.h"
#include "tensor/program.h"
#include "weights/load.h"

namespace lineament {

/// The middle of a photograph, a square of 87.5 % of its shorter side, as RGB of `side` x `side` px: how
/// ImageNet's networks are measured.
Picture centre_square(const Picture& photo, int side);

/// One thread at a time may ask it; a second one meanwhile gets a RunError.
/// Invariant: its one program answers one picture of side() px.
class Classifier {
 public:
  /// `model` names a backbone, or is empty: the one that the weights fit.
  /// InputError where they do not, or it is none.
  Classifier(const std::filesystem::path& weights, const std::string& model, Device device = Device::cpu,
             Precision precision = Precision::f32);

  const Backbone& backbone() const { return *backbone_; }
  const LoadReport& report() const { return report_; }
  int side() const { return side_; }

  /// 1000 of them, of an RGB picture of side() x side() px.
  std::vector<float> probabilities(const Picture& square);

 private:
  const Backbone* backbone_;
  int side_;
  Graph graph_;
  Value images_, answer_;
  std::unique_ptr<Parameters> parameters_;
  std::unique_ptr<Program> program_;
  LoadReport report_;
  SoleUse use_;
};

}  // namespace lineament
