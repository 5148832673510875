// C[m,n] += A[m,k] B[k,n] on the calling thread: callers cut the work into chunks.
#pragma once
#include <cstdint>

namespace lineament {

/// Row-major floats, `stride` of them from one row to the next;
/// `transposed` reads a matrix stored the other way round.
struct Matrix {
  const float* data;
  int64_t stride;
  bool transposed = false;
};

struct GemmSize {
  int64_t m, n, k;
};

/// C is row-major with its own stride and starts as the caller left it:
/// zeros, or a bias. Nothing is allocated.
void gemm_add(const GemmSize& size, const Matrix& a, const Matrix& b, float* c, int64_t c_stride);

}  // namespace lineament
