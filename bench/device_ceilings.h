// What a device can do at best, measured by its own kernels: what the nodes of a step are held against.
#pragma once
#include "bench/profile.h"
#include "tensor/backend.h"
#include "tensor/precision.h"

namespace lineament {

/// Memory: the faster of a large copy and a large sum. Arithmetic: one large dense product in that precision.
/// RunError where the device has not a GB left.
Ceilings measure_ceilings(Backend& backend, Precision precision);

}  // namespace lineament
