// The kernels of convolutions and dense layers on the device, best first: products by cuBLAS, convolutions by cuDNN, ours.
#include "kernels/cuda/cublas.h"
#include "kernels/cuda/cudnn.h"
#include "kernels/cuda/pack.h"
#include "kernels/cuda/plain.h"
#include "kernels/cuda/spatial.h"

namespace lineament {
namespace {

constexpr Packing kFilter{packed_weights_bytes, pack_weights, true}, kNarrow{packed_narrow_weights_bytes, pack_weights, true};

}  // namespace

// clang-format off
const Kernel conv2d_cuda[] = {
    {"conv2d.cuda.gemm_1x1", conv2d_gemm_1x1_cublas, conv2d_gemm_1x1_cublas_supports, conv2d_gemm_1x1_cublas_workspace, kNarrow},
    {"conv2d.cuda.cudnn", conv2d_cudnn, conv2d_cudnn_supports, conv2d_cudnn_workspace, kFilter},
    {"conv2d.cuda.tile", conv2d_plain},
    {}};
const Kernel conv2d_dx_cuda[] = {
    {"conv2d_dx.cuda.gemm_1x1", conv2d_dx_gemm_1x1_cublas, conv2d_dx_gemm_1x1_cublas_supports, conv2d_dx_gemm_1x1_cublas_workspace, kNarrow},
    {"conv2d_dx.cuda.cudnn", conv2d_dx_cudnn, conv2d_dx_cudnn_supports, conv2d_dx_cudnn_workspace, kFilter},
    {"conv2d_dx.cuda.tile", conv2d_dx_plain},
    {}};
const Kernel conv2d_dw_cuda[] = {
    {"conv2d_dw.cuda.gemm_1x1", conv2d_dw_gemm_1x1_cublas, conv2d_dw_gemm_1x1_cublas_supports, conv2d_dw_gemm_1x1_cublas_workspace},
    {"conv2d_dw.cuda.cudnn", conv2d_dw_cudnn, conv2d_dw_cudnn_supports, conv2d_dw_cudnn_workspace},
    {"conv2d_dw.cuda.tile", conv2d_dw_plain, nullptr, conv2d_dw_plain_workspace},
    {}};
const Kernel dense_cuda[] = {
    {"dense.cuda.gemm", dense_cublas, dense_cublas_supports, dense_cublas_workspace, kNarrow},
    {"dense.cuda.tile", dense_plain},
    {}};
const Kernel dense_dx_cuda[] = {
    {"dense_dx.cuda.gemm", dense_dx_cublas, dense_dx_cublas_supports, dense_dx_cublas_workspace, kNarrow},
    {"dense_dx.cuda.tile", dense_dx_plain},
    {}};
const Kernel dense_dw_cuda[] = {
    {"dense_dw.cuda.gemm", dense_dw_cublas, dense_dw_cublas_supports, dense_dw_cublas_workspace},
    {"dense_dw.cuda.tile", dense_dw_plain, nullptr, dense_dw_plain_workspace},
    {}};
// clang-format on

}  // namespace lineament
