// What stands around a library's product: weights as it takes them, filters turned from [kh,kw,c,o] to [o,kh,kw,c] and
// back, floats made bf16, and the finish of its sums.
#pragma once
#include "kernels/ops.h"

namespace lineament {

/// A filter [kh,kw,c,o] with zeros around its taps: as [o,kh_all,kw_all,c], tap (i,j) stands at (i + top, j + left).
struct PackedFilter {
  int kh, kw, c, o;
  int kh_all, kw_all;
  int top, left;

  int64_t elements() const { return int64_t{kh_all} * kw_all * c * o; }
};

/// `packed` in f32 or bf16.
void pack_filter(const Call& call, const PackedFilter& filter, const float* w, void* packed, DType dtype);
void unpack_filter(const Call& call, const PackedFilter& filter, const void* packed, DType dtype, float* w);

/// `count` floats to the nearest bf16.
void narrow(const Call& call, const float* from, bfloat16* to, int64_t count);

/// As kernels/cuda/finish.h has it, which nvcc alone reads: bias, scale, residual and activation, where there are any.
void finish_in_place(const Call& call, Activation activation);

}  // namespace lineament
