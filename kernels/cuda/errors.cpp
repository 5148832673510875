#include "kernels/cuda/errors.h"

#include <algorithm>

#include "base/check.h"

namespace lineament {

void expect(cudaError_t status, const CudaContext& context, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // else the next launch would report it once more
  fail_run("{} on {}: {} ({})", call, context.device_name, cudaGetErrorString(status),
           cudaGetErrorName(status));
}

void expect(cublasStatus_t status, const CudaContext& context, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    fail_run("{} on {}: {}", call, context.device_name, cublasGetStatusString(status));
}

void expect(cudnnStatus_t status, const CudaContext& context, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char reason[512] = "";
  cudnnGetLastErrorString(reason, sizeof reason);
  std::replace(std::begin(reason), std::end(reason), '\n', ' ');
  fail_run("{} on {}: {} {}", call, context.device_name, cudnnGetErrorString(status), reason);
}

}  // namespace lineament
