// One trace of a model: its answer, or a whole training step.
#pragma once
#include "models/models.h"
#include "tensor/graph.h"

namespace lineament {

/// Of a step: then no op has more numbers than kernels count.
inline constexpr int kMostBatch = 1 << 16;

/// Mode::infer: the answer, kept. Mode::train: the answer, the loss, kept, and its gradients.
/// Parameters that are new are declared.
struct TracedStep {
  TracedStep(const Model& model, Loss loss, Parameters& parameters, Mode mode, int batch);

  Graph graph;
  Value images;                // [batch,h,w,c] of the model's task
  Value keypoints, mask, rng;  // only for training; as the answer, as the answer, {seed, step}
  Answer answer;
  Value loss;
};

}  // namespace lineament
