// Convolutions by cuDNN: filters are packed as it wants them before (y, dx), or unpacked after (dw).
#include "kernels/cuda/cudnn.h"
#include "kernels/cuda/cudnn_plan.h"
#include "kernels/cuda/pack.h"
#include "kernels/padding.h"
#include "tensor/backend.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

constexpr size_t kFilterAlignment = 256;  // of what follows the packed filter in the workspace

/// x [n,h,w,c], y [n,oh,ow,o].
Convolution convolution_of(const Desc& x, const Desc& y, const Params& params) {
  const auto& f = params.as<Window>();
  const EvenPadding h(f.top, f.bottom(), f.kh, f.stride), w(f.left, f.right(), f.kw, f.stride);
  return {x.shape[0], f.h,   f.w,   x.shape[3], f.oh, f.ow, y.shape[3],
          h.taps,     w.taps, f.stride, h.pad,  w.pad, x.dtype,    params.numerics};
}

/// Where x and y stand among the descriptions of a pass, inputs before outputs.
Convolution convolution_of(Pass pass, std::span<const Desc> descs, const Params& params) {
  if (pass == Pass::forward) return convolution_of(descs[0], descs.back(), params);
  if (pass == Pass::dx) return convolution_of(descs.back(), descs[0], params);
  return convolution_of(descs[0], descs[1], params);
}

const CudaContext& context() { return *static_cast<CudaContext*>(cuda_backend().stream().handle); }

bool supports(Pass pass, std::span<const Desc> descs, const Params& params) {
  const Convolution convolution = convolution_of(pass, descs, params);
  const DType other = (pass == Pass::dw ? descs[1] : pass == Pass::dx ? descs[0] : descs.back()).dtype;
  if (convolution.dtype != other || (other != DType::f32 && other != DType::bf16)) return false;
  return make_cudnn_plan(context(), pass, convolution) != nullptr;
}

/// Of the workspace: a filter, then what the engine asks for.
size_t filter_bytes(const Convolution& f, DType dtype) {
  return round_up(static_cast<size_t>(f.kh * f.kw * f.c * f.o) * size_of(dtype), kFilterAlignment);
}

size_t workspace(Pass pass, std::span<const Desc> descs, const Params& params) {
  const Convolution convolution = convolution_of(pass, descs, params);
  const CudnnPlan& plan = find_cudnn_plan(pass, convolution);
  return filter_bytes(convolution, plan.filter) + plan.workspace_bytes;
}

/// The filter's type.
DType run(const Call& call, Pass pass, const View& x, const void* filter, const View& y) {
  const CudaContext& on = context_of(call);
  const Convolution convolution = convolution_of(x.desc, y.desc, call.params);
  const CudnnPlan& plan = find_cudnn_plan(pass, convolution);
  void* rest = static_cast<std::byte*>(call.workspace) + filter_bytes(convolution, plan.filter);
  expect(plan.run(on, x.data, filter, y.data, rest), on, "cudnnBackendExecute");
  return plan.filter;
}

}  // namespace

void conv2d_cudnn(const Call& call) {
  run(call, Pass::forward, call.in[0], packed_weights(call), call.out[0]);
  finish_in_place(call, call.params.as<Window>().activation);
}
bool conv2d_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::forward, descs, params);
}
size_t conv2d_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::forward, descs, params);
}

void conv2d_dx_cudnn(const Call& call) {
  run(call, Pass::dx, call.out[0], packed_weights(call), call.in[0]);
}
bool conv2d_dx_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dx, descs, params);
}
size_t conv2d_dx_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dx, descs, params);
}

void conv2d_dw_cudnn(const Call& call) {
  const View& dw = call.out[0];
  const DType packed = run(call, Pass::dw, call.in[0], call.workspace, call.in[1]);
  unpack_filter(call, packed_filter(dw.desc, call.params), call.workspace, packed, dw.as<float>());
}
bool conv2d_dw_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dw, descs, params);
}
size_t conv2d_dw_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dw, descs, params);
}

}  // namespace lineament
