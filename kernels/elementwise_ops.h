// The elementwise and normalisation ops by name, gradients too, and their settings as kernels of every
// backend read them.
#pragma once
#include <cstdint>

#include "kernels/formulas.h"
#include "kernels/ops.h"

namespace lineament {

struct ActivationParams {
  Activation kind = Activation::none;
  float slope = 0;  // of leaky relu, below zero
};
extern const Op activate_op;       // x -> y
extern const Op activate_grad_op;  // y or x (reads_output in kernels/formulas.h says which), dy -> dx

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
// In all, vectors are [c]. The new running statistics may be written in the place of the old.
extern const Op batch_norm_train_op;  // x gamma beta running_mean running_variance [residual] [bias] ->
                                      // y mean inv_std running_mean running_variance
extern const Op batch_norm_infer_op;  // x gamma beta running_mean running_variance [residual] -> y
extern const Op batch_norm_grad_op;   // x gamma mean inv_std (or the running variance) dy [y, or beta]
                                      // [more, or spread] [gate] -> dx dgamma dbeta [dresidual]

extern const Op softmax_op;       // x -> y
extern const Op softmax_grad_op;  // y dy -> dx

extern const Op multiply_op;         // x a -> y
extern const Op multiply_reduce_op;  // dy x a -> da, of a's shape; a itself is not read

struct AffineGradParams {
  Affine constants;
  int channels;  // of x
};
extern const Op affine_op;       // x -> y; Affine
extern const Op affine_grad_op;  // dy -> dx; AffineGradParams

struct ReshapeParams {
  Shape shape;
};
extern const Op reshape_op;  // x -> y

extern const Op cast_op;  // x f32 -> y bf16, or bf16 -> f32; emitted by tensor/precision alone

struct DropoutParams {
  float rate;
  int64_t group;  // neighbours that share one draw: 1, or the elements of a picture
  uint64_t stream;
};
extern const Op dropout_op;  // x rng -> y; and dy rng -> dx

extern const Op mean_squared_error_op;       // prediction target mask -> loss count
extern const Op mean_squared_error_grad_op;  // prediction target mask count [dloss] -> dprediction
extern const Op cross_entropy_op;            // prediction target mask -> loss count
extern const Op cross_entropy_grad_op;       // prediction target mask count [dloss] -> dprediction

}  // namespace lineament
