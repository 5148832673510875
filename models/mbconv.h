// What EfficientNets are made of: inverted bottlenecks (arXiv:1801.04381), and how number and width scale.
#pragma once
#include <string>

#include "layers/layers.h"

namespace lineament {

/// VarianceScaling as Keras's EfficientNets start.
inline constexpr Init kConvInit{Init::fan_out_normal, 2.0f}, kTopInit{Init::fan_out_uniform, 1.0f / 3};

/// One row of an EfficientNet's table: `repeats` blocks, of which the first strides.
struct Stage {
  int kernel, stride, expand, filters, repeats;
};
// Table 1 of arXiv:1905.11946; EfficientNet-Lite has the same.
inline constexpr Stage kEfficientNetB0[] = {{3, 1, 1, 16, 1}, {3, 2, 6, 24, 2},  {5, 2, 6, 40, 2},
                                            {3, 2, 6, 80, 3}, {5, 1, 6, 112, 3}, {5, 2, 6, 192, 4},
                                            {3, 1, 6, 320, 1}};

/// Filters times width, rounded to a multiple of 8; with `guard` never down by more than 10 %.
int scaled_filters(int filters, double width, bool guard);
int scaled_repeats(int repeats, double depth);

struct MBConv {
  int kernel = 3, stride = 1;
  int expand = 1;  // the wide middle has so many times the input's channels
  int filters = 0;
  float squeeze = 0;  // share of the input's channels that squeeze-excite keeps; 0: no squeeze-excite
  float drop = 0;     // rate of the drop path
  Activation activation = Activation::swish;
  float momentum = 0.99f;  // of the running statistics
  const char* depthwise_name = "dwconv";
};

/// Parameters stand under `name`, "block1a_". Adds x where nothing strides and the channels stay as many.
Value mbconv(Scope& s, const std::string& name, Value x, const MBConv& block);
/// The same with one full convolution in the place of the widening and
/// the depthwise one (EfficientNetV2's first stages).
Value fused_mbconv(Scope& s, const std::string& name, Value x, const MBConv& block);

/// Convolution without bias, batch norm and activation: the stem and the end of an EfficientNet.
Value conv_norm(Scope& s, const std::string& conv, const std::string& norm, Value x,
                const layers::Conv& options, const BatchNormOptions& norm_options);

}  // namespace lineament
