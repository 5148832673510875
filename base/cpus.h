// How many threads can run at once here, which in a container is fewer than the machine's processors.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace lineament {

struct Cpus {
  int count;               // at least 1
  std::string bounded_by;  // "processors", "affinity mask", "OMP_NUM_THREADS", "cgroup quota 2.5"
};

/// The least of what the affinity mask allows, what OMP_NUM_THREADS says and the cgroup's quota, rounded down. `root` is
/// where /proc and the cgroups are looked up.
Cpus available_cpus(const std::filesystem::path& root = "/");

/// CPUs' worth of time that this process may use: the smallest quota of its cgroup and of those around it, of version 2
/// or 1. None where nothing bounds it; a file that is not as the kernel writes it bounds nothing.
std::optional<double> cgroup_quota(const std::filesystem::path& root = "/");

/// The most threads that it makes sense to ask for: 4 for each processor of the machine, and 64 in any case.
int most_threads();

}  // namespace lineament
