// EfficientNetV2 B0 to B3 (arXiv:2104.00298): its first stages fused, its kernels all 3x3.
#include "models/families.h"
#include "models/mbconv.h"

namespace lineament {
namespace {

// The B0 of the authors' code, which the paper does not print;
// the first three stages are fused and without squeeze-excite.
constexpr Stage kStages[] = {{3, 1, 1, 16, 1}, {3, 2, 4, 32, 2},  {3, 2, 4, 48, 2},
                             {3, 2, 4, 96, 3}, {3, 1, 6, 112, 5}, {3, 2, 6, 192, 8}};
constexpr int kFusedStages = 3;

struct Scaling {
  double width, depth;
};
constexpr Scaling kB[] = {{1.0, 1.0}, {1.0, 1.1}, {1.1, 1.2}, {1.2, 1.4}};
constexpr float kMomentum = 0.9f;
constexpr BatchNormOptions kNormSwish{.momentum = kMomentum, .activation = Activation::swish};

Value efficientnet_v2(Scope& s, Value x, const Scaling& scaling) {
  const auto filters = [&](int n) { return scaled_filters(n, scaling.width, false); };
  int blocks = 0, block = 0;
  for (const Stage& stage : kStages)
    blocks += stage.repeats;  // unscaled: in B1 to B3 the last rates pass 0.2

  x = conv_norm(s, "stem_conv", "stem_bn", x, {.filters = filters(32), .stride = 2},
                kNormSwish);  // [n,h/2,w/2,32]
  for (int number = 1; const Stage& stage : kStages) {
    const bool fused = number <= kFusedStages;
    for (int repeat = 0; repeat < scaled_repeats(stage.repeats, scaling.depth); ++repeat)
      x = (fused ? fused_mbconv : mbconv)(s, fmt::format("block{}{}_", number, char('a' + repeat)), x,
                                          {.kernel = stage.kernel,
                                           .stride = repeat == 0 ? stage.stride : 1,
                                           .expand = stage.expand,
                                           .filters = filters(stage.filters),
                                           .squeeze = fused ? 0 : 0.25f,
                                           .drop = 0.2f * block++ / blocks,
                                           .momentum = kMomentum,
                                           .depthwise_name = "dwconv2"});
    ++number;
  }
  return conv_norm(s, "top_conv", "top_bn", x, {.filters = filters(1280), .kernel = 1}, kNormSwish);
}

template <int kNumber>
Value body(Scope& s, Value x) {
  return efficientnet_v2(s, x, kB[kNumber]);
}
Value top(Scope& s, Value features) { return classifier(s, features, 0.2f, kTopInit); }

constexpr Affine kInput{3,
                        {1 / (255 * 0.229f), 1 / (255 * 0.224f), 1 / (255 * 0.225f)},
                        {-0.485f / 0.229f, -0.456f / 0.224f, -0.406f / 0.225f}};
constexpr const char* kPaper = "arXiv:2104.00298";
constexpr Backbone kEfficientNetsV2[] = {
    {"efficientnetv2_b0", kPaper, 5'919'312, kInput, body<0>, top},
    {"efficientnetv2_b1", kPaper, 6'931'124, kInput, body<1>, top},
    {"efficientnetv2_b2", kPaper, 8'769'374, kInput, body<2>, top},
    {"efficientnetv2_b3", kPaper, 12'930'622, kInput, body<3>, top},
};

}  // namespace

std::span<const Backbone> efficientnets_v2() { return kEfficientNetsV2; }

}  // namespace lineament
