// A trained network that answers: pictures in, keypoints out.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/faces.h"
#include "network/model_spec.h"
#include "network/network.h"
#include "network/stack.h"

namespace lineament {

/// An entry a face, px.
struct Answers {
  std::vector<Keypoints> points;
  std::vector<std::vector<float>> deviations = {};  // how far off each point may be; none where the network predicts none
};

/// Answers for every face, in batches of one size; the last is filled up with empty pictures. The faces' pictures are of the network's
/// shape. RunError while another thread uses the network.
Answers answer(Network& network, const Faces& faces, int batch = 64);
std::vector<Keypoints> predict(Network& network, const Faces& faces, int batch = 64);

/// A trained network, built from a run folder (its best weights) or a checkpoint file. It answers one thread at a time,
/// whichever that is; a second one meanwhile gets a RunError: give each thread its own. Made before a fork, it answers in
/// the child too (on the CPU).
class Predictor {
 public:
  /// InputError where the file is none of our checkpoints, cut short or of an unknown model. It computes on so many CPU
  /// threads; 0: threads() of now (tensor/backend.h).
  static Predictor load(const std::filesystem::path& run_or_checkpoint, Device device = Device::cpu,
                        Precision precision = Precision::f32, int threads = 0);

  /// Of its own set, in px of these faces, whose pictures may be of another shape: they are fitted into the network's.
  Answers answer(const Faces& faces);
  std::vector<Keypoints> predict(const Faces& faces) { return answer(faces).points; }
  const ModelSpec& spec() const { return spec_; }
  size_t parameters() const { return network_->parameters().count(); }
  Network& network() { return *network_; }

 private:
  ModelSpec spec_;
  std::unique_ptr<Network> network_;
};

/// What one name answers with: the network of a run or a checkpoint; of a training in folds the mean of its folds' answers; of a
/// stack those means, blended as it says. One thread at a time, as Predictor.
class Member {
 public:
  /// Errors as Predictor::load(), and where folds are not done, or a stack is not as written.
  static Member load(const std::filesystem::path& named, Device device = Device::cpu, Precision precision = Precision::f32);

  /// As Predictor's; deviations are means too, and a stack has none.
  Answers answer(const Faces& faces);
  std::vector<Keypoints> predict(const Faces& faces) { return answer(faces).points; }
  const ModelSpec& spec() const { return runs_.front().front().spec(); }
  std::string model_name() const;  // "cnn", "5 x cnn", "5 x cnn + 5 x maps"
  size_t parameters() const;       // of all its networks

 private:
  std::vector<std::vector<Predictor>> runs_;  // each of one network, or of its folds'
  std::optional<Stack> stack_;
};

/// Trained networks that answer together: the mean of what each says, and of what each says of the mirror image where
/// `mirror` asks for it. One thread at a time, as Predictor.
class Ensemble {
 public:
  /// One or more run folders, checkpoints, trainings in folds or stacks, which answer one keypoint set. Errors as Predictor::load().
  static Ensemble load(std::span<const std::string> runs, bool mirror = false, Device device = Device::cpu,
                       Precision precision = Precision::f32);

  std::vector<Keypoints> predict(const Faces& faces);  // of set(), in px of the faces
  /// The same, as the points of another set. InputError as means_between().
  std::vector<Keypoints> predict(const Faces& faces, const KeypointSet& as);
  const KeypointSet& set() const { return members_.front().spec().set; }
  /// Of the first of them: what pictures should be cut to.
  const ModelSpec& spec() const { return members_.front().spec(); }
  std::string model_name() const;  // "cnn", or "cnn + resnet50"
  size_t parameters() const;       // of all

 private:
  std::vector<Member> members_;
  bool mirror_ = false;
};

}  // namespace lineament
