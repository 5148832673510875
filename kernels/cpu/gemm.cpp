// Packed blocks of both operands live on the stack:
// 512 KB each at most, which the block sizes below guarantee.
#define EIGEN_STACK_ALLOCATION_LIMIT (512 * 1024)
#define EIGEN_DONT_PARALLELIZE
#ifndef __clang__
// GCC 12 takes the undefined operand inside its own AVX-512 header for a mistake (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "kernels/cpu/gemm.h"

#include <Eigen/Core>
#include <algorithm>

namespace lineament {
namespace {

constexpr int64_t kBlockM = 512, kBlockN = 512, kBlockK = 256;
static_assert(kBlockM * kBlockK * sizeof(float) <= EIGEN_STACK_ALLOCATION_LIMIT);
static_assert(kBlockN * kBlockK * sizeof(float) <= EIGEN_STACK_ALLOCATION_LIMIT);

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;
using In = Eigen::Map<const RowMajor, 0, Stride>;
using Out = Eigen::Map<RowMajor, 0, Stride>;

/// The block of `matrix` that starts at (row, column), as it is stored.
In block(const Matrix& matrix, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  if (matrix.transposed)
    return {matrix.data + column * matrix.stride + row, columns, rows, Stride(matrix.stride)};
  return {matrix.data + row * matrix.stride + column, rows, columns, Stride(matrix.stride)};
}

}  // namespace

void gemm_add(const GemmSize& size, const Matrix& a, const Matrix& b, float* c, int64_t c_stride) {
  for (int64_t k0 = 0; k0 < size.k; k0 += kBlockK)
    for (int64_t m0 = 0; m0 < size.m; m0 += kBlockM)
      for (int64_t n0 = 0; n0 < size.n; n0 += kBlockN) {
        int64_t m = std::min(kBlockM, size.m - m0), n = std::min(kBlockN, size.n - n0);
        int64_t k = std::min(kBlockK, size.k - k0);
        In left = block(a, m0, k0, m, k), right = block(b, k0, n0, k, n);
        Out out(c + m0 * c_stride + n0, m, n, Stride(c_stride));
        if (a.transposed && b.transposed)
          out.noalias() += left.transpose() * right.transpose();
        else if (a.transposed)
          out.noalias() += left.transpose() * right;
        else if (b.transposed)
          out.noalias() += left * right.transpose();
        else
          out.noalias() += left * right;
      }
}

}  // namespace lineament
