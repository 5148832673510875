#include "kernels/cuda/meeting.h"

#include "tensor/backend.h"

namespace lineament {
namespace {

const CudaContext& card() { return *static_cast<const CudaContext*>(cuda_backend().stream().handle); }

}  // namespace

MeetingCut meeting_cut(const CudaContext& context, const Desc& x, int tensors) {
  const auto [rows, channels] = rows_and_channels(x);
  return {context, rows, channels, x.dtype == DType::bf16 ? kPack<bfloat16> : kPack<float>, tensors};
}

bool meets(const Desc& x, int tensors) {
  if (x.dtype != DType::f32 && x.dtype != DType::bf16) return false;
  const int pack = x.dtype == DType::bf16 ? kPack<bfloat16> : kPack<float>;
  return x.elements() > 0 && x.shape[-1] % pack == 0 && meeting_cut(card(), x, tensors).fits(card());
}

size_t meeting_workspace(const Desc& x, int tensors) { return meeting_cut(card(), x, tensors).partial_bytes(); }

void expect_packs(const Call& call) {
  check(packs_fit(call), "tensors of a batch norm do not lie on multiples of 32 bytes");
}

}  // namespace lineament
