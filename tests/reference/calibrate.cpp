// The rate of multiply-adds of the moment, for programs that are timed beside ours: a library of one function.
#include "kernels/ceilings.h"

extern "C" double lineament_fma_gflops(double seconds) { return lineament::fma_gflops(seconds); }
