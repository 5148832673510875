// Layers as functions: each finds its parameters by Keras's names under `name` and emits its ops.
#pragma once
#include <string>

#include "kernels/ops.h"
#include "layers/scope.h"

namespace lineament::layers {

struct Conv {
  int filters = 0;  // output channels; depthwise convolutions keep theirs
  int kernel = 3;
  int stride = 1;
  Padding padding = Padding::same();
  bool bias = true;
  Init init = {Init::glorot_uniform};
  Activation activation = Activation::none;
};

/// name/kernel [kh,kw,c,o], name/bias [o].
Value conv2d(Scope& s, const std::string& name, Value x, const Conv& options);
/// name/kernel [kh,kw,c,1], name/bias [c].
Value depthwise_conv2d(Scope& s, const std::string& name, Value x, const Conv& options);
/// name/kernel [i,o], name/bias [o]; x is [n,i].
Value dense(Scope& s, const std::string& name, Value x, int units, Init init = {Init::glorot_uniform});
/// name/gamma, name/beta, name/moving_mean, name/moving_variance, all [c]; activation and residual fused.
/// In training it takes over the bias of a convolution before it.
Value batch_norm(Scope& s, const std::string& name, Value x, const BatchNormOptions& options = {},
                 Value residual = {});
/// Nothing where the trace drops nothing.
Value dropout(Scope& s, Value x, float rate);
Value drop_path(Scope& s, Value x, float rate);

}  // namespace lineament::layers
