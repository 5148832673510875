// One trace of a model: its answer, or a whole training step.
#pragma once
#include "data/faces.h"
#include "models/models.h"
#include "tensor/graph.h"

namespace lineament {

/// Mode::infer: the answer, kept. Mode::train: the answer, the loss, kept, and its gradients.
/// Parameters that are new are declared.
struct TracedStep {
  TracedStep(const Model& model, Loss loss, Parameters& parameters, Mode mode, int batch,
             int side = kImageSize);

  Graph graph;
  Value images;                // [batch, side, side, 1]
  Value keypoints, mask, rng;  // only for training; as the answer, as the answer, {seed, step}
  Value prediction, loss;
};

}  // namespace lineament
