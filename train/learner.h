// One step of learning as one piece of work: the batch, forward, loss, backward and update, recorded where a backend can.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "network/network.h"
#include "optim/optimizer.h"

namespace lineament {

/// Losses stay on the device until somebody asks for them. From the first that is not finite on the weights stay as they
/// are, so that the step that broke can be done again.
class Learner {
 public:
  /// What came of a step.
  struct Learned {
    uint64_t step;
    int size;  // of its batch
    float loss;
  };

  /// At most `most` losses are kept until they are taken: the steps between two looks at the device.
  Learner(Network& network, Optimizer& optimizer, int most = 1);

  /// Copies little and waits for nothing. The step's number is its place in the training, from 0, one after another.
  void learn(const Batch& batch, uint64_t step, float rate);
  /// Whether they must be taken before the next step.
  bool full() const { return kept_.size() == log_.bytes() / sizeof(float); }
  /// Waits for all steps since the last call and tells of them, the first one first.
  std::vector<Learned> take();

 private:
  /// Of one size of batch.
  struct Work {
    int binding = -1;
    bool ran = false;  // since addresses were given out: kernels are recorded only after their first run
    std::unique_ptr<Recording> recording;
    std::optional<OpCall> note;  // of the loss
  };
  void note_loss(const Batch& batch, Stream& stream);
  View healthy_view() const { return {{{1}}, healthy_.data()}; }

  Network& network_;
  Optimizer& optimizer_;
  Memory log_, healthy_;
  std::vector<Learned> kept_;
  std::map<int, Work> work_;
  bool recordable_ = true;
};

}  // namespace lineament
