// EfficientNet B0 to B7 (arXiv:1905.11946): one table, made wider and deeper.
#include "models/families.h"
#include "models/mbconv.h"

namespace lineament {
namespace {

struct Scaling {
  double width, depth;
  float dropout;  // before the classifier
};
constexpr Scaling kB[] = {{1.0, 1.0, 0.2f}, {1.0, 1.1, 0.2f}, {1.1, 1.2, 0.3f}, {1.2, 1.4, 0.3f},
                          {1.4, 1.8, 0.4f}, {1.6, 2.2, 0.4f}, {1.8, 2.6, 0.5f}, {2.0, 3.1, 0.5f}};
constexpr BatchNormOptions kNormSwish{.activation = Activation::swish};

Value efficientnet(Scope& s, Value x, const Scaling& scaling) {
  const auto filters = [&](int n) { return scaled_filters(n, scaling.width, true); };
  int blocks = 0, block = 0;
  for (const Stage& stage : kEfficientNetB0) blocks += scaled_repeats(stage.repeats, scaling.depth);

  x = conv_norm(s, "stem_conv", "stem_bn", x, {.filters = filters(32), .stride = 2},
                kNormSwish);  // [n,h/2,w/2,32]
  for (int number = 1; const Stage& stage : kEfficientNetB0) {
    for (int repeat = 0; repeat < scaled_repeats(stage.repeats, scaling.depth); ++repeat)
      x = mbconv(s, fmt::format("block{}{}_", number, char('a' + repeat)), x,
                 {.kernel = stage.kernel,
                  .stride = repeat == 0 ? stage.stride : 1,
                  .expand = stage.expand,
                  .filters = filters(stage.filters),
                  .squeeze = 0.25f,
                  .drop = 0.2f * block++ / blocks});
    ++number;
  }
  return conv_norm(s, "top_conv", "top_bn", x, {.filters = filters(1280), .kernel = 1}, kNormSwish);
}

template <int kNumber>
Value body(Scope& s, Value x) {
  return efficientnet(s, x, kB[kNumber]);
}
template <int kNumber>
Value top(Scope& s, Value features) {
  return classifier(s, features, kB[kNumber].dropout, kTopInit);
}

// (x / 255 - mean) / std, and by the root of std once more, as Keras does to meet how the weights were trained.
constexpr double kR = 0.229 * 0.47853944456021597, kG = 0.224 * 0.47328638264796927,
                 kB_ = 0.225 * 0.4743416490252569;
constexpr Affine kInput{3,
                        {float(1 / (255 * kR)), float(1 / (255 * kG)), float(1 / (255 * kB_))},
                        {float(-0.485 / kR), float(-0.456 / kG), float(-0.406 / kB_)}};
constexpr int kConstants = 7;  // mean and variance of three channels, and a count
constexpr const char* kPaper = "arXiv:1905.11946";
constexpr Backbone kEfficientNets[] = {
    {"efficientnet_b0", kPaper, 4'049'571, kInput, body<0>, top<0>, kConstants},
    {"efficientnet_b1", kPaper, 6'575'239, kInput, body<1>, top<1>, kConstants},
    {"efficientnet_b2", kPaper, 7'768'569, kInput, body<2>, top<2>, kConstants},
    {"efficientnet_b3", kPaper, 10'783'535, kInput, body<3>, top<3>, kConstants},
    {"efficientnet_b4", kPaper, 17'673'823, kInput, body<4>, top<4>, kConstants},
    {"efficientnet_b5", kPaper, 28'513'527, kInput, body<5>, top<5>, kConstants},
    {"efficientnet_b6", kPaper, 40'960'143, kInput, body<6>, top<6>, kConstants},
    {"efficientnet_b7", kPaper, 64'097'687, kInput, body<7>, top<7>, kConstants},
};

}  // namespace

std::span<const Backbone> efficientnets() { return kEfficientNets; }

}  // namespace lineament
