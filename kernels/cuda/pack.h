// Weights as the libraries take them: filters turned from [kh,kw,c,o] to [o,kh,kw,c], floats made bf16; and gradients back.
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

/// Of the weights of a dense layer [c,o], of its gradients as well, and of a convolution.
PackedFilter packed_filter(const Desc& w, const Params& params);
/// Padding of a picture's axis, as much before as behind. Where ours differ, as "same" has it for even sizes at stride 2,
/// taps of zeros are put before or behind the filter's, which costs products but no copy of a picture.
struct EvenPadding {
  int64_t pad;
  int lead, taps;  // taps of zeros before the filter's, and all of them

  EvenPadding(int before, int behind, int filter_taps, int stride)
      : pad(std::max(before, behind)), lead(static_cast<int>(pad) - before) {
    const int unread = static_cast<int>(pad) - behind;  // a position more would fit from `stride` on
    taps = filter_taps + lead + std::max(0, unread - (stride - 1));
  }
};

// Packing (tensor/op.h) of all that a program multiplies with, in one launch, or in as many as its table needs.
size_t packed_weights_bytes(std::span<const Desc> descs, const Params& params);
size_t packed_narrow_weights_bytes(std::span<const Desc> descs, const Params& params);  // 0: f32 is read as it lies
void pack_weights(std::span<const PackCall> calls);
/// A call's weights, its second input, packed in the type of its first: before the run, or now, into the workspace.
const void* packed_weights(const Call& call);

/// `packed` in f32 or bf16.
void unpack_filter(const Call& call, const PackedFilter& filter, const void* packed, DType dtype, float* w);

/// As kernels/cuda/finish.h has it, which nvcc alone reads: bias, scale, residual and activation, where there are any.
void finish_in_place(const Call& call, Activation activation);

}  // namespace lineament
