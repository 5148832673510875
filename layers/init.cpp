#include "layers/init.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"

namespace lineament {
namespace {

/// Deviation of a standard normal cut at two of them: what Keras divides by.
constexpr double kCutDeviation = 0.87962566103423978;

/// Standard normal by Box and Muller, drawn again while beyond two deviations.
double truncated_normal(uint64_t key, uint64_t index) {
  for (uint64_t attempt = 0;; ++attempt) {
    const uint64_t draw = random_bits(key, index) + 2 * attempt;
    const double u = 1.0 - random_uniform(key, draw);  // (0, 1]
    const double v = random_uniform(key, draw + 1);
    const double z = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
    if (std::abs(z) <= 2) return z;
  }
}

/// Filters [kh,kw,c,o] that hand on what comes in. Shares of several inputs differ, else they would stay equal.
void copy_filters(std::span<float> values, const Shape& shape, uint64_t key) {
  const int64_t c = shape[2], o = shape[3];
  const int64_t middle =
      (shape[0] - 1) / 2 * shape[1] + (shape[1] - 1) / 2;  // where "same" looks at the pixel itself
  std::ranges::fill(values, 0.0f);
  for (int64_t k = 0; k < o; ++k) {
    const auto share = [&](int64_t i) { return 0.5f + random_uniform(key, i * o + k); };
    float sum = 0;
    for (int64_t i = 0; i < c; ++i) sum += share(i);
    for (int64_t i = 0; i < c; ++i) values[(middle * c + i) * o + k] = share(i) / sum;
  }
}

}  // namespace

Fans fans_of(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {double(shape[0]), double(shape[0])};
  double taps = 1;
  for (int axis = 0; axis < shape.rank() - 2; ++axis) taps *= double(shape[axis]);
  return {taps * double(shape[-2]), taps * double(shape[-1])};
}

void initialise(std::span<float> values, const Shape& shape, Init init, uint64_t seed,
                std::string_view name) {
  check(values.size() == shape.elements(), "{}: {} values for {}", name, values.size(), to_string(shape));
  const uint64_t key = stream_key(seed, fnv1a64(name));
  const Fans fans = fans_of(shape);
  const auto uniform = [&](double limit) {
    const float l = static_cast<float>(limit);
    for (size_t i = 0; i < values.size(); ++i) values[i] = (2 * random_uniform(key, i) - 1) * l;
  };
  const auto normal = [&](double deviation) {
    const float d = static_cast<float>(deviation);
    for (size_t i = 0; i < values.size(); ++i) values[i] = d * static_cast<float>(truncated_normal(key, i));
  };
  switch (init.kind) {
    case Init::zeros:
      std::ranges::fill(values, 0.0f);
      break;
    case Init::ones:
      std::ranges::fill(values, 1.0f);
      break;
    case Init::glorot_uniform:
      uniform(std::sqrt(6 / (fans.in + fans.out)));
      break;
    case Init::truncated_normal:
      normal(init.size);
      break;
    case Init::fan_out_normal:
      normal(std::sqrt(init.size / fans.out) / kCutDeviation);
      break;
    case Init::fan_out_uniform:
      uniform(std::sqrt(3 * init.size / fans.out));
      break;
    case Init::copy:
      copy_filters(values, shape, key);
      break;
  }
}

}  // namespace lineament
