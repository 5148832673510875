#include "weights/gather.h"

namespace lineament {

Strides dense_strides(const Shape& shape) {
  Strides strides{};
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

void gather(std::span<const float> from, const Shape& shape, const Strides& strides, std::span<float> to) {
  check(to.size() == shape.elements(), "{} values gathered for {}", to.size(), to_string(shape));
  // Padded in front to four axes, of which the innermost is the inner loop.
  std::array<int64_t, Shape::kMaxRank> size{1, 1, 1, 1}, step{};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int place = Shape::kMaxRank - shape.rank() + axis;
    size[place] = shape[axis];
    step[place] = strides[axis];
  }
  float* out = to.data();
  for (int64_t i = 0; i < size[0]; ++i)
    for (int64_t j = 0; j < size[1]; ++j)
      for (int64_t k = 0; k < size[2]; ++k) {
        const float* row = from.data() + i * step[0] + j * step[1] + k * step[2];
        for (int64_t l = 0; l < size[3]; ++l) *out++ = row[l * step[3]];
      }
}

}  // namespace lineament
