// A trained network that answers: pictures in, keypoints out.
#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/faces.h"
#include "network/network.h"

namespace lineament {

/// Keypoints in px for every face, in batches of one size; the last is filled up with empty pictures.
std::vector<Keypoints> predict(Network& network, const Faces& faces, int batch = 64);

/// A trained network, built from a run folder (its best weights) or a checkpoint file.
class Predictor {
 public:
  /// InputError where the file is none of our checkpoints, cut short or of an unknown model.
  static Predictor load(const std::filesystem::path& run_or_checkpoint, Device device = Device::cpu,
                        Precision precision = Precision::f32);

  std::vector<Keypoints> predict(const Faces& faces);  // px
  const std::string& model_name() const { return model_name_; }
  size_t parameters() const { return network_->parameters().count(); }
  Network& network() { return *network_; }

 private:
  std::string model_name_;
  std::unique_ptr<Network> network_;
};

/// Trained networks that answer together: the mean of what each says, and of what each says of the mirror image where
/// `mirror` asks for it.
class Ensemble {
 public:
  /// One or more run folders or checkpoints. Errors as Predictor::load().
  static Ensemble load(std::span<const std::string> runs, bool mirror = false, Device device = Device::cpu,
                       Precision precision = Precision::f32);

  std::vector<Keypoints> predict(const Faces& faces);  // px
  std::string model_name() const;                      // "cnn", or "cnn + resnet50"
  size_t parameters() const;                           // of all

 private:
  std::vector<Predictor> members_;
  bool mirror_ = false;
};

}  // namespace lineament
