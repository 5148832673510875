// The CUDA kernels of the elementwise and normalisation ops; empty lists where CUDA is not built.
#pragma once
#include "kernels/op_list.h"
#include "tensor/op.h"

namespace lineament {

#define LINEAMENT_DECLARE(name) extern const Kernel name##_cuda[];
LINEAMENT_ELEMENTWISE_OPS(LINEAMENT_DECLARE)
#undef LINEAMENT_DECLARE

}  // namespace lineament
