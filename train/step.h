// A model and its programs: one for each mode and batch size, all on one set of parameters and one arena.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>

#include "models/models.h"
#include "tensor/program.h"

namespace lineament {

/// Pictures [n,96,96,1] in [0,1]; keypoints [n,30] in half pictures from the centre, 0 where missing; mask [n,30] 1 where
/// a coordinate is there. All flat, n * kPixels and n * kCoordinates floats.
struct Batch {
  int size = 0;
  std::span<const float> images, keypoints, mask;
};

/// Keypoints as networks answer them and as people read them: px = 48 + 48 y.
inline constexpr float kHalfPicture = 48;
constexpr float to_pixels(float y) { return kHalfPicture + kHalfPicture * y; }
constexpr float from_pixels(float px) { return (px - kHalfPicture) / kHalfPicture; }

/// One network, ready to train and to answer.
/// Invariant: all programs share parameters and arena, so only the last one run has readable outputs.
class Network {
 public:
  Network(const Model& model, Loss loss, Backend& backend, uint64_t seed, ProgramOptions options = {});

  /// Forward, loss and backward: gradients stand in the flat buffer afterwards. Returns the loss.
  float train_step(const Batch& batch, uint64_t step);
  /// Keypoints [n,30] in half pictures.
  std::vector<float> infer(int size, std::span<const float> images);
  /// After a training step whose loss was not finite: the layer that broke first.
  std::string blame(const Batch& batch);
  /// What train_step() or infer() runs for so many pictures, built at the first asking: for profiles.
  Program& program_of(Mode mode, int size);

  const Model& model() const { return model_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  Backend& backend() const { return backend_; }

 private:
  struct Traced;
  Traced& program(Mode mode, int size);

  Model model_;
  Loss loss_;
  Backend& backend_;
  uint64_t seed_;
  ProgramOptions options_;
  Parameters parameters_;
  std::shared_ptr<Arena> arena_;
  std::map<std::pair<Mode, int>, std::unique_ptr<Traced>> programs_;

 public:
  ~Network();
};

}  // namespace lineament
