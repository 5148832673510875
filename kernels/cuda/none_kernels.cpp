// Built without CUDA: every op's list is empty.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/spatial.h"

namespace lineament {

#define LINEAMENT_EMPTY(name) const Kernel name##_cuda[] = {{}};
LINEAMENT_ELEMENTWISE_OPS(LINEAMENT_EMPTY)
LINEAMENT_SPATIAL_OPS(LINEAMENT_EMPTY)
#undef LINEAMENT_EMPTY

}  // namespace lineament
