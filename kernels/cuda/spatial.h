// CUDA kernels of the spatial ops, best first; shapes and parameters stand in kernels/spatial_ops.h.
#pragma once
#include "kernels/op_list.h"
#include "tensor/op.h"

namespace lineament {

#define LINEAMENT_DECLARE(name) extern const Kernel name##_cuda[];
LINEAMENT_SPATIAL_OPS(LINEAMENT_DECLARE)
#undef LINEAMENT_DECLARE

}  // namespace lineament
