// Where a step's time goes on a device, within its recording.
#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/step.h"
#include "tensor/program.h"

namespace lineament {

/// What a training step does after its program: it may be recorded.
struct UpdateWork {
  std::function<void()> run;
  double bytes = 0;  // read and written at least
};

/// Each node of the program, its packing and the update, each in a row of its own that is recorded as one
/// (recorded_time.h), beside the least that it can take; call by call where that is impossible, which the report says.
/// Small tensors stay in the device's cache in such a row. `step_ms` is the measured step. The program must have run;
/// what its tensors hold is lost.
nlohmann::json profile_on_device(const StepBenchOptions& options, Program& program, const UpdateWork& update,
                                 double step_ms);

/// Its head line and tables.
void print_device_profile(const nlohmann::json& profile, size_t longest);

}  // namespace lineament
