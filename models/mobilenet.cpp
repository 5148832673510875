// MobileNet (arXiv:1704.04861): a filter for each channel, then a mix of channels, thirteen times.
#include "layers/layers.h"
#include "models/families.h"

namespace lineament {
namespace {

struct Block {
  int filters, stride;
};
// Table 1 of arXiv:1704.04861.
constexpr Block kBlocks[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                             {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};

constexpr BatchNormOptions kNormRelu6{.activation = Activation::relu6};

/// `percent`: the paper's alpha, the share of filters that is kept.
Value mobilenet(Scope& s, Value x, int percent) {
  x = layers::conv2d(s, "conv1", x, {.filters = 32 * percent / 100, .kernel = 3, .stride = 2, .bias = false});
  x = layers::batch_norm(s, "conv1_bn", x, kNormRelu6);
  int number = 0;
  for (const auto [filters, stride] : kBlocks) {
    const std::string depthwise = fmt::format("conv_dw_{}", ++number),
                      pointwise = fmt::format("conv_pw_{}", number);
    const Padding padding = stride == 1 ? Padding::same() : Padding::given(0, 1, 0, 1);  // whatever the size
    x = layers::depthwise_conv2d(s, depthwise, x, {.stride = stride, .padding = padding, .bias = false});
    x = layers::batch_norm(s, depthwise + "_bn", x, kNormRelu6);
    x = layers::conv2d(s, pointwise, x, {.filters = filters * percent / 100, .kernel = 1, .bias = false});
    x = layers::batch_norm(s, pointwise + "_bn", x, kNormRelu6);
  }
  return x;  // [n,h/32,w/32,1024 alpha]
}

/// Its classifier is a convolution over one pixel.
Value top(Scope& s, Value features) {
  s.enter("global_average_pooling2d");
  const Value pooled = layers::dropout(s, global_average_pool(features, true), 1e-3f);
  return softmax(
      flatten(layers::conv2d(s, "conv_preds", pooled, {.filters = kImageNetClasses, .kernel = 1})));
}

template <int kPercent>
Value body(Scope& s, Value x) {
  return mobilenet(s, x, kPercent);
}

constexpr Affine kOneAround0{3, {1 / 127.5f, 1 / 127.5f, 1 / 127.5f}, {-1, -1, -1}};
constexpr const char* kPaper = "arXiv:1704.04861";
constexpr Backbone kMobileNets[] = {
    {"mobilenet", kPaper, 3'228'864, kOneAround0, body<100>, top},
    {"mobilenet_0.75", kPaper, 1'832'976, kOneAround0, body<75>, top},
    {"mobilenet_0.50", kPaper, 829'536, kOneAround0, body<50>, top},
    {"mobilenet_0.25", kPaper, 218'544, kOneAround0, body<25>, top},
};

}  // namespace

std::span<const Backbone> mobilenets() { return kMobileNets; }

}  // namespace lineament
