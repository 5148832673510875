// How far a CUDA kernel's output may be from the exact one, |got - exact| / |exact| over the whole tensor.
#pragma once
#include <string_view>

#include "tensor/shape.h"

namespace lineament::test {

/// Of one output of a kernel whose pictures are bf16 (`narrow`) or f32. What goes in is exact: a kernel answers for its
/// partial sums in f32 and for its roundings to bf16 alone.
inline double limit_of(std::string_view kernel, bool narrow, DType out) {
  constexpr double kSums = 1e-5;
  // Twice half of bf16's last place: what a library multiplied is rounded once more when it is finished.
  constexpr double kRounding = 8e-3;
  // cuDNN's gradient of a filter has the type of its pictures: sums in f32, rounded once to bf16, then unpacked to f32.
  constexpr double kRoundedOnce = 4e-3;
  if (out == DType::bf16) return kRounding;
  if (narrow && kernel == "conv2d_dw.cuda.cudnn") return kRoundedOnce;
  return kSums;
}

}  // namespace lineament::test
