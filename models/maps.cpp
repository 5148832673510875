#include "models/maps.h"

#include <algorithm>

#include "kernels/ops.h"
#include "layers/layers.h"

namespace lineament {
namespace {

constexpr int kDecoderStage = 1;  // whose sides the maps have: a quarter of the picture's
constexpr BatchNormOptions kNorm{.epsilon = 1e-5f, .momentum = 0.9f};
constexpr BatchNormOptions kNormRelu{.epsilon = 1e-5f, .momentum = 0.9f, .activation = Activation::relu};

Value convolution(Scope& s, const std::string& name, Value x, int filters, int kernel, int stride = 1) {
  return layers::conv2d(
      s, name + "_conv", x, {.filters = filters, .kernel = kernel, .stride = stride, .bias = false, .init = {Init::fan_out_normal, 2}});
}

/// Two 3x3 convolutions beside a shortcut.
Value block(Scope& s, const std::string& name, Value x, int channels, int stride) {
  Value shortcut = x;
  if (stride > 1 || x.shape()[3] != channels)
    shortcut = layers::batch_norm(s, name + "_0_bn", convolution(s, name + "_0", x, channels, 1, stride), kNorm);
  x = layers::batch_norm(s, name + "_1_bn", convolution(s, name + "_1", x, channels, 3, stride), kNormRelu);
  x = convolution(s, name + "_2", x, channels, 3);
  return layers::batch_norm(s, name + "_2_bn", x, kNormRelu, shortcut);
}

/// Where the middle of a map's pixels lies in the picture.
MapGrid grid_of(const Shape& picture, const Shape& map) {
  const PictureShape shape{.height = static_cast<int>(picture[1]), .width = static_cast<int>(picture[2])};
  const auto stride = static_cast<float>(picture[1] / map[1]);
  const float first = (stride - 1) / 2;  // px
  return {.left = shape.from_pixels(0, first), .top = shape.from_pixels(1, first), .step = stride / shape.half()};
}

}  // namespace

std::span<const MapNetwork> map_networks() {
  static const std::vector<MapNetwork> all = {
      {"maps", "1.0 million parameters, a map for each point", 32, {{32, 1}, {64, 1}, {128, 1}, {192, 1}}, 64},
      {"maps_medium", "0.6 million parameters, a map for each point", 24, {{24, 1}, {48, 1}, {96, 1}, {160, 1}}, 48},
      {"maps_small", "0.4 million parameters, a map for each point", 16, {{24, 1}, {40, 1}, {72, 1}, {128, 1}}, 40},
      {"maps_large", "3.0 million parameters, a map for each point", 32, {{32, 2}, {64, 2}, {128, 2}, {256, 2}}, 96},
  };
  return all;
}

const MapNetwork* find_map_network(std::string_view name) {
  const auto found = std::ranges::find(map_networks(), name, &MapNetwork::name);
  return found == map_networks().end() ? nullptr : &*found;
}

int stride_of(const MapNetwork& network) { return 1 << network.stages.size(); }

Answer map_network(Scope& s, Value images, const MapNetwork& network, int coordinates, bool deviations) {
  Value x = layers::batch_norm(s, "stem_bn", convolution(s, "stem", images, network.stem, 5, 2), kNormRelu);
  std::vector<Value> made;  // by each stage
  for (size_t stage = 0; stage < network.stages.size(); ++stage) {
    const auto& [channels, blocks] = network.stages[stage];
    for (int b = 0; b < blocks; ++b)
      x = block(s, fmt::format("stage{}_block{}", stage + 1, b + 1), x, channels, stage > 0 && b == 0 ? 2 : 1);
    made.push_back(x);
  }
  const auto projected = [&](size_t stage) {
    const std::string name = fmt::format("decoder{}", stage + 1);
    return layers::conv2d(s, name + "_conv", made[stage], {.filters = network.decoder, .kernel = 1});
  };
  x = projected(made.size() - 1);
  for (size_t stage = made.size() - 1; stage-- > kDecoderStage;) {
    const Value beside = projected(stage);
    s.enter(fmt::format("decoder{}_up", stage + 1));
    x = add(upsample(x), beside);
    const std::string name = fmt::format("decoder{}_out", stage + 1);
    x = layers::batch_norm(s, name + "_bn", convolution(s, name, x, network.decoder, 3), kNormRelu);
  }
  x = layers::conv2d(s, "maps", x, {.filters = coordinates / 2, .kernel = 1});
  s.statistic(kAnswerOffset, {coordinates}, {});  // added to what it answers, not to what is learned from
  s.enter("soft_argmax");
  return {.points = soft_argmax(x, grid_of(images.shape(), x.shape())),
          .log_deviation = deviations ? log_deviation(s, global_average_pool(made.back()), coordinates / 2) : Value{}};
}

}  // namespace lineament
