// The table of losses: how a step computes each, and in what unit people are shown its mean.
#pragma once
#include <span>
#include <string>

#include "base/choice.h"
#include "models/models.h"
#include "tensor/graph.h"

namespace lineament {

struct LossRow : Choice<Loss> {
  /// One number, of a network's answer and what it should be: [n,o] in halves of the longer side from the centre, a mask 1 where
  /// a coordinate is there; `px` is a pixel in that unit. It ends in an op whose derivative does without a dy: backward() gives none.
  Value (*build)(const Answer& answer, Value keypoints, Value mask, float px);
  int lengths;            // it grows with this power of the unit that coordinates are in
  bool deviations;        // whether it is of them too
  std::string_view axis;  // what its mean is called beside a chart, as readable() gives it
};

template <>
struct Choices<Loss> {
  static std::span<const LossRow> rows();
};

/// A mean loss as people read it: in px^lengths where half of the longer side is so many px.
double readable(double loss, Loss kind, double half_picture);
/// The axis of a chart with a training's loss and its dev MSE.
std::string loss_axis(Loss kind);

}  // namespace lineament
