// ResNet (arXiv:1512.03385) and ResNetV2 (arXiv:1603.05027), their tables and loops.
#include <array>

#include "layers/layers.h"
#include "models/families.h"

namespace lineament {
namespace {

using Blocks = std::array<int, 4>;  // of the stages conv2 to conv5

// Table 1 of arXiv:1512.03385; blocks have 64, 128, 256, 512 filters by stage, and four times that at their end.
constexpr Blocks k50{3, 4, 6, 3}, k101{3, 4, 23, 3}, k152{3, 8, 36, 3};

constexpr BatchNormOptions kNorm{.epsilon = 1.001e-5f};
constexpr BatchNormOptions kNormRelu{.epsilon = 1.001e-5f, .activation = Activation::relu};

Value stem(Scope& s, Value x) {
  return layers::conv2d(s, "conv1_conv", x,
                        {.filters = 64, .kernel = 7, .stride = 2, .padding = Padding::all(3)});
}

std::string block_name(int stage, int block) { return fmt::format("conv{}_block{}_", stage + 2, block + 1); }

/// A stage's first block strides in its first 1x1, and in the 1x1 beside it.
Value block_v1(Scope& s, const std::string& name, Value x, int filters, int stride, bool first) {
  Value shortcut = x;
  if (first) {
    shortcut = layers::conv2d(s, name + "0_conv", x, {.filters = 4 * filters, .kernel = 1, .stride = stride});
    shortcut = layers::batch_norm(s, name + "0_bn", shortcut, kNorm);
  }
  x = layers::conv2d(s, name + "1_conv", x, {.filters = filters, .kernel = 1, .stride = stride});
  x = layers::batch_norm(s, name + "1_bn", x, kNormRelu);
  x = layers::conv2d(s, name + "2_conv", x, {.filters = filters, .kernel = 3});
  x = layers::batch_norm(s, name + "2_bn", x, kNormRelu);
  x = layers::conv2d(s, name + "3_conv", x, {.filters = 4 * filters, .kernel = 1});
  return layers::batch_norm(s, name + "3_bn", x, kNormRelu, shortcut);
}

Value resnet(Scope& s, Value x, const Blocks& blocks) {
  x = layers::batch_norm(s, "conv1_bn", stem(s, x), kNormRelu);  // [n,h/2,w/2,64]
  x = max_pool(x, {.size = 3, .stride = 2, .padding = Padding::all(1)});
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < blocks[stage]; ++block)
      x = block_v1(s, block_name(stage, block), x, 64 << stage, stage > 0 && block == 0 ? 2 : 1, block == 0);
  return x;  // [n,h/32,w/32,2048]
}

/// A stage's last block strides in its 3x3, its shortcut by leaving pixels out; conv5 does not.
Value block_v2(Scope& s, const std::string& name, Value x, int filters, int stride, bool first) {
  const Value active = layers::batch_norm(s, name + "preact_bn", x, kNormRelu);
  Value shortcut = x;
  if (first) shortcut = layers::conv2d(s, name + "0_conv", active, {.filters = 4 * filters, .kernel = 1});
  if (stride > 1) shortcut = max_pool(x, {.size = 1, .stride = stride});
  Value y = layers::conv2d(s, name + "1_conv", active, {.filters = filters, .kernel = 1, .bias = false});
  y = layers::batch_norm(s, name + "1_bn", y, kNormRelu);
  y = layers::conv2d(
      s, name + "2_conv", y,
      {.filters = filters, .kernel = 3, .stride = stride, .padding = Padding::all(1), .bias = false});
  y = layers::batch_norm(s, name + "2_bn", y, kNormRelu);
  y = layers::conv2d(s, name + "3_conv", y, {.filters = 4 * filters, .kernel = 1});
  s.enter(name + "out");
  return add(y, shortcut);
}

Value resnet_v2(Scope& s, Value x, const Blocks& blocks) {
  x = zero_pad(stem(s, x), Padding::all(1));  // not yet above zero: the margin may win
  x = max_pool(x, {.size = 3, .stride = 2});
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < blocks[stage]; ++block) {
      const bool last = block == blocks[stage] - 1;
      x = block_v2(s, block_name(stage, block), x, 64 << stage, last && stage < 3 ? 2 : 1, block == 0);
    }
  return layers::batch_norm(s, "post_bn", x, kNormRelu);
}

template <const Blocks& kBlocks>
Value body(Scope& s, Value x) {
  return resnet(s, x, kBlocks);
}
Value body_50v2(Scope& s, Value x) { return resnet_v2(s, x, k50); }
Value top(Scope& s, Value features) { return classifier(s, features); }

// The first were trained by Caffe, which reads BGR and takes the mean away; V2 by TensorFlow, on -1 to 1.
constexpr Affine kCaffe{3, {1, 1, 1}, {-103.939f, -116.779f, -123.68f}, {2, 1, 0}};
constexpr Affine kOneAround0{3, {1 / 127.5f, 1 / 127.5f, 1 / 127.5f}, {-1, -1, -1}};

constexpr const char* kPaper = "arXiv:1512.03385";
constexpr Backbone kResNets[] = {
    {"resnet50", kPaper, 23'587'712, kCaffe, body<k50>, top},
    {"resnet101", kPaper, 42'658'176, kCaffe, body<k101>, top},
    {"resnet152", kPaper, 58'370'944, kCaffe, body<k152>, top},
    {"resnet50v2", "arXiv:1603.05027", 23'564'800, kOneAround0, body_50v2, top},
};

}  // namespace

std::span<const Backbone> resnets() { return kResNets; }

}  // namespace lineament
