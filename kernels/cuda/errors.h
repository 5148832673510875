// What CUDA and its libraries answer, held to success: a RunError of one line names the call, the answer and the device.
#pragma once
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cudnn_graph.h>

#include "kernels/cuda/context.h"

namespace lineament {

void expect(cudaError_t status, const CudaContext& context, const char* call);
void expect(cublasStatus_t status, const CudaContext& context, const char* call);
void expect(cudnnStatus_t status, const CudaContext& context, const char* call);

/// cuDNN has no way to do this, which is an answer and no failure. To some versions a shape without one is a bad parameter.
inline bool not_supported(cudnnStatus_t status) {
  const auto category = CUDNN_STATUS_CATEGORY(status);
  return category == CUDNN_STATUS_NOT_SUPPORTED || category == CUDNN_STATUS_BAD_PARAM;
}

}  // namespace lineament
