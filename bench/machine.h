// The machine: its ceilings here and now.
#pragma once
#include <nlohmann/json_fwd.hpp>

namespace lineament {

/// What every report begins with: processor, CPUs and what bounds their number, threads, level, FMA peak on one thread and on all.
nlohmann::json machine_facts();

/// Prints these and the bandwidths of each level of memory, on one thread and on threads().
void bench_machine(bool json);

}  // namespace lineament
