// In the place of cuBLAS and cuDNN: dense layers as plain loops, of packed weights where those are bf16; of convolutions
// no shape is taken, so that the kernels of kernels/cuda/*.cu run in every row.
#include "kernels/cuda/cublas.h"
#include "kernels/cuda/cudnn.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/pack.h"

namespace lineament {
namespace {

/// out[r,c] = bias[c] + sum over k of a(r, k) b(k, c).
template <class T, class A, class B>
void product(T* out, int64_t rows, int64_t columns, int64_t depth, const float* bias, A a, B b) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) {
      double sum = bias ? bias[c] : 0;
      for (int64_t k = 0; k < depth; ++k) sum += double{a(r, k)} * double{b(k, c)};
      out[r * columns + c] = static_cast<T>(static_cast<float>(sum));
    }
}

/// A matrix as a function of row and column, in float.
template <class T>
auto matrix(const View& view) {
  return [data = view.as<T>(), columns = view.shape()[1]](int64_t r, int64_t c) -> float {
    return data[r * columns + c];
  };
}

template <class M>
auto transposed(M m) {
  return [m](int64_t r, int64_t c) { return m(c, r); };
}

/// A call's weights [i,o]: bf16 are packed as [o,i].
template <class T>
auto weights(const Call& call) {
  const View& w = call.in[1];
  if constexpr (std::is_same_v<T, float>)
    return matrix<float>(w);
  else
    return [packed = static_cast<const T*>(packed_weights(call)), inputs = w.shape()[0]](int64_t i, int64_t o) -> float {
      return packed[o * inputs + i];
    };
}

bool never(std::span<const Desc>, const Params&) { return false; }
size_t nothing(std::span<const Desc>, const Params&) { return 0; }

}  // namespace

void dense_cublas(const Call& call) {
  const Shape &x = call.in[0].shape(), &w = call.in[1].shape();
  by_storage(call.in[0], [&]<class T>(T) {
    product(call.out[0].as<T>(), x[0], w[1], w[0], call.in.size() > 2 ? call.in[2].as<float>() : nullptr,
            matrix<T>(call.in[0]), weights<T>(call));
  });
}
void dense_dx_cublas(const Call& call) {
  const Shape &dy = call.in[0].shape(), &w = call.in[1].shape();
  by_storage(call.in[0], [&]<class T>(T) {
    product(call.out[0].as<T>(), dy[0], w[0], w[1], nullptr, matrix<T>(call.in[0]),
            transposed(weights<T>(call)));
  });
}
void dense_dw_cublas(const Call& call) {
  const Shape &x = call.in[0].shape(), &dy = call.in[1].shape();
  by_storage(call.in[0], [&]<class T>(T) {
    product(call.out[0].as<float>(), x[1], dy[1], x[0], nullptr, transposed(matrix<T>(call.in[0])),
            matrix<T>(call.in[1]));
  });
}
bool dense_cublas_supports(std::span<const Desc>, const Params&) { return true; }
bool dense_dx_cublas_supports(std::span<const Desc>, const Params&) { return true; }
bool dense_dw_cublas_supports(std::span<const Desc>, const Params&) { return true; }
size_t dense_cublas_workspace(std::span<const Desc> d, const Params& p) { return packed_narrow_weights_bytes(d, p); }
size_t dense_dx_cublas_workspace(std::span<const Desc> d, const Params& p) { return packed_narrow_weights_bytes(d, p); }
size_t dense_dw_cublas_workspace(std::span<const Desc> d, const Params& p) { return nothing(d, p); }

#define LINEAMENT_NOT_ON_HOST(kernel)                                                      \
  void kernel(const Call&) { fail_run(#kernel " runs on a GPU alone"); }                   \
  bool kernel##_supports(std::span<const Desc> d, const Params& p) { return never(d, p); } \
  size_t kernel##_workspace(std::span<const Desc> d, const Params& p) { return nothing(d, p); }
LINEAMENT_NOT_ON_HOST(conv2d_cudnn)
LINEAMENT_NOT_ON_HOST(conv2d_dx_cudnn)
LINEAMENT_NOT_ON_HOST(conv2d_dw_cudnn)
LINEAMENT_NOT_ON_HOST(conv2d_gemm_1x1_cublas)
LINEAMENT_NOT_ON_HOST(conv2d_dx_gemm_1x1_cublas)
LINEAMENT_NOT_ON_HOST(conv2d_dw_gemm_1x1_cublas)

}  // namespace lineament
