// The spatial ops by name, gradients too: what benches, tests and rewrites of the tape point at.
// Ops that slide take a Window (kernels/padding.h) as their parameters.
#pragma once
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

// Of convolutions forward, as inputs after w, each with all before it: bias [o], scale [o], residual as y (finish.h).
extern const Op conv2d_op;     // x [n,h,w,c] w [kh,kw,c,o] ... -> y [n,oh,ow,o]; Window
extern const Op conv2d_dx_op;  // dy w -> dx; Window
extern const Op conv2d_dw_op;  // x dy -> dw; Window

extern const Op depthwise_conv2d_op;  // x [n,h,w,c] w [kh,kw,c,1] ... -> y [n,oh,ow,c]; Window
extern const Op depthwise_conv2d_dx_op;  // dy w -> dx; Window
extern const Op depthwise_conv2d_dw_op;  // x dy -> dw; Window

extern const Op dense_op;     // x [n,i] w [i,o] bias [o] or none -> y [n,o]
extern const Op dense_dx_op;  // dy w -> dx
extern const Op dense_dw_op;  // x dy -> dw

extern const Op channel_sum_op;  // dy [...,c] -> db [c]: the gradient of a bias
/// Emits it for dy, the gradient of the sums. None where dy comes out of a batch norm by the batch's own mean, which takes every
/// bias off again: the gradient is zero, and what a sum would give is rounding that Adam takes for a direction.
Value bias_gradient(Graph& graph, Value dy);
/// dy of a convolution's sums: before its activation. A folded one has no gradient.
Value convolution_dy(Grad& g, Activation activation);

struct FoldParams {
  float epsilon;
};
extern const Op fold_op;  // gamma beta mean variance [bias] -> shift, scale, all [c]: a batch norm as a finish

extern const Op zero_pad_op;     // x [n,h,w,c] -> y; Margins
extern const Op zero_pad_dx_op;  // dy -> dx; Margins

extern const Op max_pool_op;     // x -> y, argmax u8: the winning tap i kw + j; Window
extern const Op max_pool_dx_op;  // dy argmax -> dx; Window

extern const Op average_pool_op;     // x -> y; Window
extern const Op average_pool_dx_op;  // dy -> dx; Window

extern const Op global_average_pool_op;     // x [n,h,w,c] -> y [n,c] or [n,1,1,c]; MeanOver
extern const Op global_average_pool_dx_op;  // dy -> dx; MeanOver

}  // namespace lineament
