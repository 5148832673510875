#include "models/heads.h"

#include <algorithm>
#include <charconv>

#include "layers/layers.h"

namespace lineament {
namespace {

constexpr size_t kMostLayers = 4;
constexpr int kMostUnits = 4096, kMostChannels = 64;

/// Grey or RGB [n,h,w,c] in [0,1] to RGB [n,h,w,3] in 0..255.
Value front(Scope& s, Value x, const HeadOptions& head) {
  const auto convolution = [&](const char* name, int filters, int kernel) {
    x = layers::conv2d(
        s, name, x,
        {.filters = filters, .kernel = kernel, .init = {Init::copy}, .activation = Activation::leaky_relu});
  };
  const bool widens = head.front_channels > 0, is_rgb = x.shape()[-1] == 3;
  if (widens) convolution("front_widen", head.front_channels, head.front_kernel);
  if (widens || !is_rgb || head.front_kernel > 1) convolution("front_rgb", 3, widens ? 1 : head.front_kernel);
  return affine(x, {.scale = {255}});
}

}  // namespace

std::vector<int> parse_units(std::string_view text) {
  std::vector<int> units;
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    int n = 0;
    const auto [stop, error] = std::from_chars(at, end, n);
    const bool comma = stop != end && *stop == ',' && stop + 1 != end;
    if (error != std::errc{} || n < 1 || n > kMostUnits || (stop != end && !comma) ||
        units.size() == kMostLayers)
      fail_input("--dense {}: expected at most {} layers of 1 to {} units, such as 96 or 256,96", text,
                 kMostLayers, kMostUnits);
    units.push_back(n);
    at = comma ? stop + 1 : stop;
  }
  return units;
}

void validate(const HeadOptions& head) {
  if (head.front_kernel != 1 && head.front_kernel != 2)
    fail_input("--front-kernel {}: expected 1 or 2", head.front_kernel);
  if (head.front_channels < 0 || head.front_channels > kMostChannels)
    fail_input("--front-channels {}: expected 0 to {}", head.front_channels, kMostChannels);
  if (!(head.dropout >= 0 && head.dropout < 1))
    fail_input("--dropout {}: expected 0 or more, below 1", head.dropout);
  parse_units(head.dense);
}

Value log_deviation(Scope& s, Value features, int points) {
  // Small weights: each point begins at 1 px, whatever the picture.
  return layers::dense(s, "deviations", features, points, {Init::truncated_normal, 0.01f});
}

Answer keypoint_network(Scope& s, Value images, const Backbone& backbone, const HeadOptions& head, int coordinates, bool deviations) {
  Value x = backbone.features(s, front(s, images, head));  // [n,h/32,w/32,c]
  s.enter("head_pool");
  x = max_pool(x, {.size = 2, .stride = 2});
  x = flatten(layers::dropout(s, x, head.dropout));
  for (int number = 1; const int units : parse_units(head.dense))
    x = relu(layers::dense(s, fmt::format("head_dense{}", number++), x, units));
  // The last layer answers in px from the centre, as the study's did: faces differ by a few px, and what 1280 positive
  // features make of one step of Adam is a few units, not a few pictures.
  const Value px = layers::dense(s, "keypoints", x, coordinates);
  const int64_t side = std::max(images.shape()[1], images.shape()[2]);
  return {.points = affine(px, {.scale = {2.0f / static_cast<float>(side)}}),
          .log_deviation = deviations ? log_deviation(s, x, coordinates / 2) : Value{}};
}

}  // namespace lineament
