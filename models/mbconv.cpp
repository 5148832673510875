#include "models/mbconv.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

BatchNormOptions norm(const MBConv& b, Activation activation) {
  return {.momentum = b.momentum, .activation = activation};
}

/// Each channel times a share worked out from the means of all.
Value squeeze_excite(Scope& s, const std::string& name, Value x, int squeezed, Activation activation) {
  s.enter(name + "se_squeeze");
  Value gate = global_average_pool(x, true);  // [n,1,1,c]
  gate = layers::conv2d(s, name + "se_reduce", gate,
                        {.filters = squeezed, .kernel = 1, .init = kConvInit, .activation = activation});
  gate = layers::conv2d(
      s, name + "se_expand", gate,
      {.filters = int(x.shape()[-1]), .kernel = 1, .init = kConvInit, .activation = Activation::sigmoid});
  s.enter(name + "se_excite");
  return multiply(x, gate);
}

/// The end of a block: a convolution to its filters, normalised, and the block's input added. Only a drop
/// path keeps the sum out of the batch norm.
Value project(Scope& s, const std::string& name, Value x, Value input, const MBConv& b, int kernel,
              int stride, Activation activation = Activation::none) {
  x = layers::conv2d(
      s, name + "project_conv", x,
      {.filters = b.filters, .kernel = kernel, .stride = stride, .bias = false, .init = kConvInit});
  const bool adds = b.stride == 1 && input.shape()[-1] == b.filters;
  const bool drops = s.drops() && b.drop > 0;
  const bool fused = adds && !drops && activation == Activation::none;
  x = layers::batch_norm(s, name + "project_bn", x, norm(b, activation), fused ? input : Value{});
  if (!adds || fused) return x;
  x = layers::drop_path(s, x, b.drop);
  s.enter(name + "add");
  return add(x, input);
}

}  // namespace

int scaled_filters(int filters, double width, bool guard) {
  const double wide = filters * width;
  const int rounded = std::max(8, static_cast<int>(wide + 4) / 8 * 8);
  return guard && rounded < 0.9 * wide ? rounded + 8 : rounded;
}

int scaled_repeats(int repeats, double depth) { return static_cast<int>(std::ceil(depth * repeats)); }

Value conv_norm(Scope& s, const std::string& conv, const std::string& norm, Value x,
                const layers::Conv& options, const BatchNormOptions& norm_options) {
  layers::Conv plain = options;
  plain.bias = false;
  plain.init = kConvInit;
  return layers::batch_norm(s, norm, layers::conv2d(s, conv, x, plain), norm_options);
}

Value mbconv(Scope& s, const std::string& name, Value x, const MBConv& b) {
  const Value input = x;
  const int wide = static_cast<int>(x.shape()[-1]) * b.expand;
  const int squeezed = std::max(1, static_cast<int>(x.shape()[-1] * b.squeeze));
  if (b.expand != 1)
    x = conv_norm(s, name + "expand_conv", name + "expand_bn", x, {.filters = wide, .kernel = 1},
                  norm(b, b.activation));
  x = layers::depthwise_conv2d(s, name + b.depthwise_name, x,
                               {.kernel = b.kernel, .stride = b.stride, .bias = false, .init = kConvInit});
  x = layers::batch_norm(s, name + "bn", x, norm(b, b.activation));
  if (b.squeeze > 0) x = squeeze_excite(s, name, x, squeezed, b.activation);
  return project(s, name, x, input, b, 1, 1);
}

Value fused_mbconv(Scope& s, const std::string& name, Value x, const MBConv& b) {
  if (b.expand == 1) return project(s, name, x, x, b, b.kernel, b.stride, b.activation);
  const int wide = static_cast<int>(x.shape()[-1]) * b.expand;
  const Value y = conv_norm(s, name + "expand_conv", name + "expand_bn", x,
                            {.filters = wide, .kernel = b.kernel, .stride = b.stride}, norm(b, b.activation));
  return project(s, name, y, x, b, 1, 1);
}

}  // namespace lineament
