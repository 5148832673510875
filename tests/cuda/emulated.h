// What a test asks that only a GPU can answer.
#pragma once
#include "kernels/cuda/context.h"
#include "tensor/backend.h"

namespace lineament::test {

/// Whether CUDA is its emulation on the host here (tests/cuda_on_host).
inline bool is_emulated() {
  return static_cast<const CudaContext*>(cuda_backend().stream().handle)->device_name == "the host";
}

}  // namespace lineament::test
