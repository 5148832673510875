// Dense layers and 1x1 convolutions as products of matrices, a row for each pixel: y = x w, dx = dy w^T, dw = x^T dy.
#include <array>

#include "kernels/cuda/cublas.h"
#include "kernels/cuda/cublas_plan.h"
#include "kernels/cuda/errors.h"
#include "kernels/cuda/pack.h"
#include "kernels/cuda/pass.h"
#include "kernels/padding.h"
#include "tensor/backend.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

const CudaContext& context() { return *static_cast<CudaContext*>(cuda_backend().stream().handle); }

/// Of the first two inputs, of `inputs`, and the output. Weights [i,o] or filters [1,1,i,o] are multiplied in the type
/// of the pictures, as cuBLAS takes no two: floats as they lie, bf16 packed, which turns them.
Product product_of(Pass pass, std::span<const Desc> descs, Numerics numerics, size_t inputs, Activation activation) {
  const Desc &first = descs[0], &second = descs[1];
  const int64_t channels = first.shape[-1], pixels = static_cast<int64_t>(first.elements()) / channels;
  const DType factors = first.dtype, product = descs.back().dtype;
  const bool turned = factors == DType::bf16;
  if (pass == Pass::dw) return {channels, pixels, second.shape[-1], true, false, factors, product, false, numerics};
  if (pass == Pass::dx) return {pixels, channels, second.shape[-2], false, !turned, factors, product, false, numerics};
  // A bias and nothing after it is cuBLAS's. Its relu is not asked for: nothing says that it keeps NaN.
  const bool bias = inputs == 3 && product == DType::f32 && activation == Activation::none;
  return {pixels, channels, second.shape[-1], false, turned, factors, product, bias, numerics};
}
Product product_of(Pass pass, std::span<const Desc> descs, const Params& params, Activation activation) {
  return product_of(pass, descs, params.numerics, descs.size() - 1, activation);
}

bool supports(Pass pass, std::span<const Desc> descs, const Params& params,
              Activation activation = Activation::none) {
  const DType factors = descs[0].dtype, product = descs.back().dtype;
  const bool known = (factors == DType::f32 && product == DType::f32) ||
                     (factors == DType::bf16 && (product == DType::bf16 || product == DType::f32));
  if (!known || (pass == Pass::dw && descs[1].dtype != factors)) return false;
  return make_cublas_plan(context(), product_of(pass, descs, params, activation)) != nullptr;
}

/// Of the workspace: packed weights, then what the algorithm asks for.
size_t packed_bytes(Pass pass, std::span<const Desc> descs, const Params& params) {
  return pass == Pass::dw ? 0 : round_up(packed_narrow_weights_bytes(descs, params), kCublasAlignment);
}

size_t workspace(Pass pass, std::span<const Desc> descs, const Params& params,
                 Activation activation = Activation::none) {
  return packed_bytes(pass, descs, params) +
         find_cublas_plan(product_of(pass, descs, params, activation)).workspace_bytes;
}

/// Whether it added the bias.
bool multiply(const Call& call, Pass pass, const void* second, Activation activation = Activation::none) {
  const CudaContext& on = context_of(call);
  const std::array descs{call.in[0].desc, call.in[1].desc, call.out[0].desc};
  const CublasPlan& plan = find_cublas_plan(product_of(pass, descs, call.params.numerics, call.in.size(), activation));
  const void* bias = plan.product.bias ? call.in[2].data : nullptr;
  void* rest = static_cast<std::byte*>(call.workspace) + packed_bytes(pass, descs, call.params);
  expect(plan.run(on, call.in[0].data, second, bias, call.out[0].data, rest), on, "cublasLtMatmul");
  return bias != nullptr;
}

const void* weights(const Call& call) {
  return call.in[0].desc.dtype == DType::f32 ? call.in[1].data : packed_weights(call);
}

void forward(const Call& call, Activation activation) {
  if (!multiply(call, Pass::forward, weights(call), activation)) finish_in_place(call, activation);
}

Activation activation_of(const Params& params) { return params.as<Window>().activation; }
bool pointwise(const Params& params) { return params.as<Window>().pointwise(); }

}  // namespace

void dense_cublas(const Call& call) { forward(call, Activation::none); }
bool dense_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::forward, descs, params);
}
size_t dense_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::forward, descs, params);
}
void dense_dx_cublas(const Call& call) { multiply(call, Pass::dx, weights(call)); }
bool dense_dx_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dx, descs, params);
}
size_t dense_dx_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dx, descs, params);
}
void dense_dw_cublas(const Call& call) { multiply(call, Pass::dw, call.in[1].data); }
bool dense_dw_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return supports(Pass::dw, descs, params);
}
size_t dense_dw_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dw, descs, params);
}

void conv2d_gemm_1x1_cublas(const Call& call) { forward(call, activation_of(call.params)); }
bool conv2d_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return pointwise(params) && supports(Pass::forward, descs, params, activation_of(params));
}
size_t conv2d_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::forward, descs, params, activation_of(params));
}
void conv2d_dx_gemm_1x1_cublas(const Call& call) { dense_dx_cublas(call); }
bool conv2d_dx_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return pointwise(params) && supports(Pass::dx, descs, params);
}
size_t conv2d_dx_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dx, descs, params);
}
void conv2d_dw_gemm_1x1_cublas(const Call& call) { dense_dw_cublas(call); }
bool conv2d_dw_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return pointwise(params) && supports(Pass::dw, descs, params);
}
size_t conv2d_dw_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return workspace(Pass::dw, descs, params);
}

}  // namespace lineament
