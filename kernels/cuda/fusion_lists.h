// Nodes that the kernels of this folder do together with the one before them.
#pragma once
#include "tensor/fuse.h"

namespace lineament {

std::span<const Fusion> cuda_fusions();

}  // namespace lineament
