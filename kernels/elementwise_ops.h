// What elementwise and normalisation ops are told beside their inputs, as kernels of every backend read it; the ops by name stand in
// kernels/op_list.h.
#pragma once
#include <cstdint>

#include "kernels/formulas.h"
#include "kernels/op_list.h"
#include "kernels/ops.h"

namespace lineament {

struct ActivationParams {
  Activation kind = Activation::none;
  float slope = 0;  // of leaky relu, below zero
};

struct BatchNormParams {
  float epsilon, momentum;
  Activation activation;
  bool residual = false;
  bool bias =
      false;  // of x, which it was not given: the mean would take it away, so only the running mean sees it
};
/// What dy is made of where more than one node made it and a kernel takes all: dy gate + more, or dy gate + spread / pixels.
struct DyParts {
  bool more = false;    // of x's shape
  bool spread = false;  // of a mean over the picture: [n,1,1,c] or [n,c]
  bool gate = false;    // [n,1,1,c]
  bool any() const { return more || spread || gate; }
};
struct BatchNormGradParams {
  float epsilon;
  Activation activation;
  bool batch_statistics;  // x was normalised by its own mean and variance, which move with x
  bool residual;          // the residual's gradient is an output too
  bool slope_from_x;      // the activation's slope is that at gamma z + beta, worked out again: y is not read
  DyParts dy = {};        // fused into it (tensor/fuse.h)
};
/// Calls f with the activation and slope_from_x as constants; sigmoid's slope is always read from y.
template <class F>
void by_slope(const BatchNormGradParams& p, F&& f) {
  by_activation(p.activation, [&](auto kind) {
    constexpr Activation k = decltype(kind)::value;
    if constexpr (k == Activation::none || k == Activation::sigmoid)
      f(kind, std::false_type{});
    else if constexpr (!reads_output(k, kLeakySlope))
      f(kind, std::true_type{});
    else if (p.slope_from_x)
      f(kind, std::true_type{});
    else
      f(kind, std::false_type{});
  });
}

struct AffineGradParams {
  Affine constants;
  int channels;  // of x
};

struct ReshapeParams {
  Shape shape;
};

struct DropoutParams {
  float rate;
  int64_t group;  // neighbours that share one draw: 1, or the elements of a picture
  uint64_t stream;
};

}  // namespace lineament
