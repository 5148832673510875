// A whole step where a device keeps its own time: many in a row, then one look at the clock.
#pragma once
#include "bench/step.h"

namespace lineament {

/// As bench_step(), for options.device that is not the CPU: a training step makes its batch out of faces that lie there, and
/// copies some hundred bytes; inference is of pictures that lie there.
void bench_device_step(const StepBenchOptions& options);

}  // namespace lineament
