// Convolutions by cuDNN: filters are packed as it wants them, into the workspace, before (dx, y) or unpacked after (dw).
#include "kernels/cuda/cudnn.h"
#include "kernels/cuda/cudnn_plan.h"
#include "kernels/cuda/pack.h"
#include "kernels/padding.h"
#include "tensor/backend.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

constexpr size_t kFilterAlignment = 256;  // of what follows the packed filter in the workspace

/// One axis with as much padding before as behind it. Where ours differ, as "same" has it for even sizes at stride 2,
/// taps of zeros are put before or behind the filter's, which costs products but no copy of a picture.
struct Axis {
  int64_t pad, taps;
  int lead;  // taps of zeros before the filter's

  Axis(int before, int behind, int taps_, int stride) {
    pad = std::max(before, behind);
    lead = static_cast<int>(pad) - before;
    const int64_t unread = pad - behind;  // a position more would fit from `stride` on
    taps = taps_ + lead + std::max<int64_t>(0, unread - (stride - 1));
  }
};

struct Problem {
  Convolution convolution;
  PackedFilter filter;

  size_t filter_bytes() const {
    return round_up(static_cast<size_t>(filter.elements()) * size_of(convolution.dtype), kFilterAlignment);
  }
};

/// x [n,h,w,c], y [n,oh,ow,o].
Problem problem_of(const Desc& x, const Desc& y, const Window& f) {
  const Axis h(f.top, f.bottom(), f.kh, f.stride), w(f.left, f.right(), f.kw, f.stride);
  const int64_t c = x.shape[3], o = y.shape[3];
  return {{x.shape[0], f.h, f.w, c, f.oh, f.ow, o, h.taps, w.taps, f.stride, h.pad, w.pad, x.dtype},
          {f.kh, f.kw, static_cast<int>(c), static_cast<int>(o), static_cast<int>(h.taps),
           static_cast<int>(w.taps), h.lead, w.lead}};
}

/// Where x and y stand among the descriptions of a pass, inputs before outputs.
Problem problem_of(Pass pass, std::span<const Desc> descs, const Params& params) {
  const auto& window = params.as<Window>();
  if (pass == Pass::forward) return problem_of(descs[0], descs.back(), window);
  if (pass == Pass::dx) return problem_of(descs.back(), descs[0], window);
  return problem_of(descs[0], descs[1], window);
}

CudaContext& context() { return *static_cast<CudaContext*>(cuda_backend().stream().handle); }

bool supports(Pass pass, std::span<const Desc> descs, const Params& params) {
  const Problem p = problem_of(pass, descs, params);
  const DType other = (pass == Pass::dw ? descs[1] : pass == Pass::dx ? descs[0] : descs.back()).dtype;
  if (p.convolution.dtype != other || (other != DType::f32 && other != DType::bf16)) return false;
  return make_cudnn_plan(context(), pass, p.convolution) != nullptr;
}

size_t workspace(Pass pass, std::span<const Desc> descs, const Params& params) {
  const Problem p = problem_of(pass, descs, params);
  const CudnnPlan& plan = find_cudnn_plan(context(), pass, p.convolution);
  return p.filter_bytes() + plan.workspace_bytes;
}

/// `w` is read, or written where the pass is dw.
void run(const Call& call, Pass pass, const View& x, const View& y, float* w) {
  const CudaContext& on = context_of(call);
  const Problem p = problem_of(x.desc, y.desc, call.params.as<Window>());
  const CudnnPlan& plan = find_cudnn_plan(on, pass, p.convolution);
  void* packed = call.workspace;
  void* rest = static_cast<std::byte*>(packed) + p.filter_bytes();
  if (pass != Pass::dw) pack_filter(call, p.filter, w, packed, x.desc.dtype);
  expect(plan.run(on, x.data, packed, y.data, rest), on, "cudnnBackendExecute");
  if (pass == Pass::dw) unpack_filter(call, p.filter, packed, x.desc.dtype, w);
}

}  // namespace

void conv2d_cudnn(const Call& call) {
  run(call, Pass::forward, call.in[0], call.out[0], call.in[1].as<float>());
  finish_in_place(call, call.params.as<Window>().activation);
}
bool conv2d_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::forward, descs, params);
}
size_t conv2d_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::forward, descs, params);
}

void conv2d_dx_cudnn(const Call& call) {
  run(call, Pass::dx, call.out[0], call.in[0], call.in[1].as<float>());
}
bool conv2d_dx_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dx, descs, params);
}
size_t conv2d_dx_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dx, descs, params);
}

void conv2d_dw_cudnn(const Call& call) {
  run(call, Pass::dw, call.in[0], call.in[1], call.out[0].as<float>());
}
bool conv2d_dw_cudnn_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dw, descs, params);
}
size_t conv2d_dw_cudnn_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dw, descs, params);
}

}  // namespace lineament
