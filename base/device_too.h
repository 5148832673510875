// Marks formulas that CUDA kernels compute too; to other compilers it says nothing.
#pragma once

#ifdef __CUDACC__
#define LINEAMENT_DEVICE_TOO __host__ __device__
#else
#define LINEAMENT_DEVICE_TOO
#endif
