#include "layers/init.h"

#include <cmath>
#include <numbers>

#include "tensor/random.h"

namespace lineament {
namespace {

/// Standard normal by Box and Muller, drawn again while beyond two deviations.
float truncated_normal(uint64_t key, uint64_t index) {
  for (uint64_t attempt = 0;; ++attempt) {
    const uint64_t draw = random_bits(key, index) + 2 * attempt;
    const double u = 1.0 - random_uniform(key, draw);  // (0, 1]
    const double v = random_uniform(key, draw + 1);
    const double z = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
    if (std::abs(z) <= 2) return static_cast<float>(z);
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

void initialise(std::span<float> values, const Shape& shape, Init init, uint64_t seed, std::string_view name) {
  check(values.size() == shape.elements(), "{}: {} values for {}", name, values.size(), to_string(shape));
  const uint64_t key = stream_key(seed, fnv1a64(name));
  const Fans fans = fans_of(shape);
  const float limit = static_cast<float>(std::sqrt(6.0 / (fans.in + fans.out)));
  for (size_t i = 0; i < values.size(); ++i) {
    switch (init.kind) {
      case Init::zeros: values[i] = 0; break;
      case Init::ones: values[i] = 1; break;
      case Init::glorot_uniform: values[i] = (2 * random_uniform(key, i) - 1) * limit; break;
      case Init::truncated_normal: values[i] = init.stddev * truncated_normal(key, i); break;
    }
  }
}

}  // namespace lineament
