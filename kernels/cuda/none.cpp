// The stub that stands in for the CUDA backend where it is not built.
#include "tensor/backend.h"

namespace lineament {

Backend& cuda_backend() { fail_input("device cuda: this build has no CUDA backend; use --device cpu"); }

}  // namespace lineament
