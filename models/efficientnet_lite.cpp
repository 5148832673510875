// EfficientNet-Lite 0 to 2: EfficientNet without squeeze-excite and with relu6; stem, head and the first and
// last stage's repeats are not scaled. Named as EfficientNet is.
#include "models/families.h"
#include "models/mbconv.h"

namespace lineament {
namespace {

struct Scaling {
  double width, depth;
  float dropout;  // before the classifier
};
constexpr Scaling kLite[] = {{1.0, 1.0, 0.2f}, {1.0, 1.1, 0.2f}, {1.1, 1.2, 0.3f}};
constexpr BatchNormOptions kNormRelu6{.activation = Activation::relu6};

Value efficientnet_lite(Scope& s, Value x, const Scaling& scaling) {
  constexpr int kStages = std::size(kEfficientNetB0);
  const auto repeats = [&](int i) {
    const int n = kEfficientNetB0[i].repeats;
    return i == 0 || i == kStages - 1 ? n : scaled_repeats(n, scaling.depth);
  };
  int blocks = 0, block = 0;
  for (int i = 0; i < kStages; ++i) blocks += repeats(i);

  x = conv_norm(s, "stem_conv", "stem_bn", x, {.filters = 32, .stride = 2}, kNormRelu6);  // [n,h/2,w/2,32]
  for (int i = 0; i < kStages; ++i) {
    const Stage& stage = kEfficientNetB0[i];
    for (int repeat = 0; repeat < repeats(i); ++repeat)
      x = mbconv(s, fmt::format("block{}{}_", i + 1, char('a' + repeat)), x,
                 {.kernel = stage.kernel,
                  .stride = repeat == 0 ? stage.stride : 1,
                  .expand = stage.expand,
                  .filters = scaled_filters(stage.filters, scaling.width, true),
                  .drop = 0.2f * block++ / blocks,
                  .activation = Activation::relu6});
  }
  return conv_norm(s, "top_conv", "top_bn", x, {.filters = 1280, .kernel = 1}, kNormRelu6);
}

template <int kNumber>
Value body(Scope& s, Value x) {
  return efficientnet_lite(s, x, kLite[kNumber]);
}
template <int kNumber>
Value top(Scope& s, Value features) {
  return classifier(s, features, kLite[kNumber].dropout, kTopInit);
}

constexpr float kScale = 1 / 128.0f, kShift = -127 / 128.0f;
constexpr Affine kInput{3, {kScale, kScale, kScale}, {kShift, kShift, kShift}};
constexpr const char* kPaper = "arXiv:1905.11946, tensorflow/tpu efficientnet/lite";
constexpr Backbone kEfficientNetsLite[] = {
    {"efficientnet_lite0", kPaper, 3'413'024, kInput, body<0>, top<0>},
    {"efficientnet_lite1", kPaper, 4'189'344, kInput, body<1>, top<1>},
    {"efficientnet_lite2", kPaper, 4'869'168, kInput, body<2>, top<2>},
};

}  // namespace

std::span<const Backbone> efficientnets_lite() { return kEfficientNetsLite; }

}  // namespace lineament
