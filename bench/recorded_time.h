// Time within a recording: what the host takes to ask and to wait is not in it.
#pragma once
#include <functional>
#include <optional>

#include "tensor/backend.h"

namespace lineament {

/// Seconds of one replay: the median of a few, each of which is waited for.
double replay_seconds(Recording& recording, Backend& backend);

/// Seconds of one call of `work` among up to 20 in a row that are recorded as one. `about`, its time when it is waited
/// for, says how many: of a long one a few do. None where the backend cannot record it. `work` must have run before.
std::optional<double> recorded_seconds(Backend& backend, const std::function<void()>& work, double about);

}  // namespace lineament
