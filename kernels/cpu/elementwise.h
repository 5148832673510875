// The fast CPU kernels of the elementwise and normalisation ops, at every level.
#pragma once
#include "kernels/cpu/levels.h"

#define LINEAMENT_LEVEL avx512
#include "kernels/cpu/simd/elementwise.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL avx2
#include "kernels/cpu/simd/elementwise.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL portable
#include "kernels/cpu/simd/elementwise.h"
#undef LINEAMENT_LEVEL
