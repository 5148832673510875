// What spatial ops are told beside their inputs, as kernels of every backend read it; the ops by name stand in kernels/op_list.h.
// Ops that slide take a Window (kernels/padding.h).
#pragma once
#include "kernels/op_list.h"
#include "kernels/ops.h"

namespace lineament {

/// Room that zero_pad adds, in pixels.
struct Margins {
  int top, bottom, left, right;
};
/// The picture that a mean was taken over, and whether it left [n,1,1,c] behind.
struct MeanOver {
  int h, w;
  bool keep_dims;
};
/// Of a batch norm that becomes a finish.
struct FoldParams {
  float epsilon;
};

/// Emits channel_sum for dy, the gradient of the sums. None where dy comes out of a batch norm by the batch's own mean, which takes
/// every bias off again: the gradient is zero, and what a sum would give is rounding that Adam takes for a direction.
Value bias_gradient(Graph& graph, Value dy);
/// dy of a convolution's sums: before its activation. A folded one has no gradient.
Value convolution_dy(Grad& g, Activation activation);

}  // namespace lineament
