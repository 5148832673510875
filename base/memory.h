// How much memory this process can still get, asked before much of it is wanted.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace lineament {

struct FreeMemory {
  size_t bytes;
  std::string bounded_by;  // "the machine", "the cgroup's limit", "ulimit -v"
};

/// The least of what /proc/meminfo calls available (swap counts), what the limits of the cgroups leave and what RLIMIT_AS
/// leaves. `root` is where /proc and the cgroups are looked up. Without a limit where nothing is told.
FreeMemory free_memory(const std::filesystem::path& root = "/");

/// "12.3 MB", "22.1 GB".
std::string shown_bytes(double bytes);

/// InputError "WHO: WHAT take 22.1 GB, 3.0 GB are free (the machine): at most 2000 would fit" where `count` of them, each of
/// `bytes_each`, do not.
void require_memory(size_t count, double bytes_each, std::string_view who, std::string_view what);

}  // namespace lineament
