// Every op a layer may emit. Each stands in a file of its own with its formula, shapes, derivative and reference loop.
// Axes: n pictures, h height, w width, c channels in, o channels out. Pictures are NHWC, filters HWIO, as in Keras.
#pragma once
#include <array>

#include "tensor/graph.h"

namespace lineament {

/// Pixels of zeros around a picture: "same" and "valid" as in Keras, or given.
struct Padding {
  enum Kind : uint8_t { kSame, kValid, kGiven } kind = kSame;
  int top = 0, bottom = 0, left = 0, right = 0;

  static constexpr Padding same() { return {}; }
  static constexpr Padding valid() { return {.kind = kValid}; }
  static constexpr Padding all(int p) { return {kGiven, p, p, p, p}; }
  static constexpr Padding given(int top, int bottom, int left, int right) { return {kGiven, top, bottom, left, right}; }
};

enum class Activation : uint8_t { none, relu, relu6, leaky_relu, swish, sigmoid };

// Convolution and friends (conv2d.cpp, depthwise_conv2d.cpp, dense.cpp)

struct Conv2dOptions {
  int stride = 1;
  Padding padding = Padding::same();
  Activation activation = Activation::none;  // one whose gradient is read from y: not swish, unless for inference
};

/// y[n,oh,ow,o] = act(bias[o] + sum over kh kw c of x[n, oh s + kh - top, ow s + kw - left, c] w[kh,kw,c,o]); no
/// bias: {}.
Value conv2d(Value x, Value w, Value bias, const Conv2dOptions& options = {});
/// One filter a channel: x [n,h,w,c], w [kh,kw,c,1] (Keras's depth multiplier 1), bias [c] or {}.
Value depthwise_conv2d(Value x, Value w, Value bias, const Conv2dOptions& options = {});
/// y[n,o] = x[n,i] w[i,o] + bias[o]; no bias: {}.
Value dense(Value x, Value w, Value bias);

// Normalisation (batch_norm.cpp)

struct BatchNormOptions {
  float epsilon = 1e-3f;
  float momentum = 0.99f;  // of the running statistics: r <- momentum r + (1 - momentum) batch
  Activation activation = Activation::none;
};

/// y = act(gamma (x - mean) / sqrt(variance + epsilon) + beta [+ residual]) over all axes but the last, which is c.
/// Normalises by the batch and moves the running statistics (Home::statistics) as Keras does. x of rank 2 or 4.
/// `bias` [c] counts as added to x: the batch's mean takes it away, the running mean has it, its gradient is zero.
Value batch_norm_train(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                       const BatchNormOptions& options, Value residual = {}, Value bias = {});
/// The same by the running statistics, which stay as they are.
Value batch_norm_infer(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                       const BatchNormOptions& options, Value residual = {});
/// The same for inference, folded into the convolution that made x (finish.cpp) where one did: without gradients.
Value batch_norm_fold(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                      const BatchNormOptions& options, Value residual = {});
/// batch_norm_train, which takes over the bias of the convolution that made x: a pass over x less where libraries have it apart.
Value batch_norm_train_fold(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                            const BatchNormOptions& options, Value residual = {});

// Elementwise (activation.cpp, softmax.cpp, add.cpp, multiply.cpp, affine.cpp, reshape.cpp)

Value activate(Value x, Activation activation, float leaky_slope = 0.3f);
Value relu(Value x);
Value relu6(Value x);
Value leaky_relu(Value x, float slope);
Value swish(Value x);
Value sigmoid(Value x);
/// Over the last axis.
Value softmax(Value x);
/// Equal shapes.
Value add(Value a, Value b);
/// x [n,h,w,c] times a of x's shape or [n,1,1,c] (squeeze-excite), or [n,1,1,1].
Value multiply(Value x, Value a);

/// y[k] = scale[k] x[from[k]] + shift[k] with constants, k the channel: grey to RGB, RGB to BGR, normalisation.
struct Affine {
  int channels = 1;  // of y, 1 to 4; as many of x, or others from 1 to 4; one serves all elements of any shape
  std::array<float, 4> scale{1, 1, 1, 1};
  std::array<float, 4> shift{};
  std::array<int, 4> from{0, 1, 2, 3};
};
Value affine(Value x, const Affine& constants);
/// The same elements under another shape; in place when x dies here.
Value reshape(Value x, const Shape& shape);
/// [n, h, w, c] to [n, h w c].
Value flatten(Value x);

// Space (pad.cpp, upsample.cpp, soft_argmax.cpp, max_pool.cpp, average_pool.cpp, global_average_pool.cpp)

/// Zeros around each picture, as many as `padding` (Padding::given) says.
Value zero_pad(Value x, const Padding& padding);
/// [n,h,w,c] to [n,2h,2w,c], bilinear between the centres of pixels, edges repeated: Keras's UpSampling2D(2, interpolation=
/// "bilinear"), PyTorch's interpolate(scale_factor=2, mode="bilinear", align_corners=False).
Value upsample(Value x);

/// Where the pixels of a map lie: (j, i) at (left + step j, top + step i).
struct MapGrid {
  float left = 0, top = 0, step = 1;
};
/// x [n,h,w,c], a map for each point, to its mean place [n,2c] by the softmax over its pixels: x and y of each.
Value soft_argmax(Value x, const MapGrid& grid);

struct PoolOptions {
  int size = 2;
  int stride = 2;
  Padding padding = Padding::valid();
};
/// Padding never wins a maximum.
Value max_pool(Value x, const PoolOptions& options);
/// Padding is left out of the mean, as in Keras.
Value average_pool(Value x, const PoolOptions& options);
/// [n,h,w,c] to [n,c], or to [n,1,1,c] with keep_dims.
Value global_average_pool(Value x, bool keep_dims = false);

// Randomness (dropout.cpp). `rng` is a u64 [2] input, {seed, step}; `stream` tells one layer's draws from another's.

/// Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate).
Value dropout(Value x, Value rng, float rate, uint64_t stream);
/// The same for whole pictures: stochastic depth (arXiv:1603.09382).
Value drop_path(Value x, Value rng, float rate, uint64_t stream);

// Losses (mean_squared_error.cpp, point_loss.cpp, likelihood_loss.cpp, cross_entropy.cpp): scalars; mask is 0 where a target is missing, else 1.

/// sum of mask (prediction - target)^2 / max(1, sum of mask); all three of one shape.
Value mean_squared_error(Value prediction, Value target, Value mask);
/// What an error counts: its size; its square up to `limit`, on a line from there (smooth_l1); or a curve that is steep at 0,
/// limit log(1 + size / curve), up to `limit`, and its size from there (wing). kernels/point_loss.h.
struct PointLoss {
  enum Kind : uint8_t { l1, smooth_l1, wing } kind = l1;
  float limit = 1, curve = 1;  // in the unit of the error
};
/// sum of mask f(prediction - target) / max(1, sum of mask).
Value point_loss(Value prediction, Value target, Value mask, const PointLoss& f);
/// Errors in px, of a distribution that each point has a deviation of its own in; `px` is one in the unit of prediction and target.
struct LikelihoodLoss {
  enum Kind : uint8_t { gaussian, laplace } kind = gaussian;
  float px = 1;
};
/// - log likelihood, constants left out: sum of mask f((prediction - target) / px, log deviation) / max(1, sum of mask), f of
/// kernels/likelihood_loss.h. prediction, target and mask [n,2p]; log_deviation [n,p], the logarithm of each point's in px.
Value likelihood_loss(Value prediction, Value log_deviation, Value target, Value mask, const LikelihoodLoss& f);
/// Categorical cross-entropy of probabilities as Keras computes it: rows of `prediction` are normalised to sum 1 and
/// clipped to [1e-7, 1 - 1e-7], -sum of mask target log p, then the mean over rows that have any target. [n, classes].
Value cross_entropy(Value prediction, Value target, Value mask);

// Optimiser updates (optimizer_updates.cpp): an OpCall on flat buffers (tensor/op_call.h), never on the tape. `hyper` is
// f32. One more input may follow, healthy f32 [1]: where that is 0 nothing changes, and what comes out lies where it went in.

extern const Op adam_update_op;     // in w g m v hyper[rate, beta1, beta2, epsilon, step, decay]; out w m v (in place)
extern const Op sgd_update_op;      // in w g m hyper[rate, momentum, nesterov]; out w m
extern const Op rmsprop_update_op;  // in w g v m hyper[rate, rho, epsilon, momentum]; out w v m
/// weight_average.cpp: in average w hyper[decay]; out average (in place)
extern const Op weight_average_op;

/// note_loss.cpp: in loss [] rng[seed, step] log [k] healthy [1]; out log healthy (in place). log[step mod k] is the loss; after
/// one that is not finite healthy is 0 for good, and updates that read it leave the weights alone.
extern const Op note_loss_op;

/// Sets out = a + b: what the tape uses where gradients meet.
extern const Op add_op;

}  // namespace lineament
