// Which of cuDNN's engines runs a convolution: measured once for each pass, shape, type and Numerics, then kept.
#pragma once
#include <compare>
#include <cstdint>

#include "kernels/cuda/cudnn_descriptor.h"
#include "kernels/cuda/pass.h"
#include "tensor/params.h"
#include "tensor/shape.h"

namespace lineament {

/// y [n,oh,ow,o] from x [n,h,w,c] by filters [o,kh,kw,c], with as many zeros before an axis as behind it: engines want
/// it so. x, filters and y are of one type, sums are f32. A filter's gradient in bf16 is rounded once, or it is f32, as
/// the plan says: engines that only convolve have it in x's type, those that convert behind that write f32 as well.
struct Convolution {
  int64_t n, h, w, c, oh, ow, o, kh, kw, stride, pad_h, pad_w;
  DType dtype;  // f32 or bf16
  Numerics numerics;

  auto operator<=>(const Convolution&) const = default;
};

struct CudnnPlan {
  CudnnDescriptor config, plan;
  size_t workspace_bytes;
  DType filter;  // of w

  /// Asks the context's stream for it: x, w and y are read or written as the pass has it. The status is cuDNN's.
  cudnnStatus_t run(const CudaContext& context, const void* x, const void* w, const void* y,
                    void* workspace) const;
};

/// Made, by measuring engines on memory of its own, when first asked for. Null where cuDNN has none.
const CudnnPlan* make_cudnn_plan(const CudaContext& context, Pass pass, const Convolution& convolution);
/// One that was made before.
const CudnnPlan& find_cudnn_plan(Pass pass, const Convolution& convolution);

}  // namespace lineament
