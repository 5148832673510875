#include "base/memory.h"

#include <sys/resource.h>

#ifdef __linux__
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/cgroup.h"
#include "base/check.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

std::string_view word(std::string_view line, size_t index) {
  for (const std::string_view field : fields_of(line, ' '))
    if (!field.empty() && index-- == 0) return field;
  return {};
}

/// Of lines such as "MemAvailable:   23042000 kB" or "inactive_file 4096"; 0 where it is not there.
int64_t number_at(const std::vector<std::string>& lines, std::string_view key) {
  for (const std::string& line : lines)
    if (word(line, 0) == key) return whole_number(word(line, 1)).value_or(0);
  return 0;
}

/// What a cgroup's limit leaves; what it holds of files that nobody writes can be had again.
std::optional<int64_t> left_in(const fs::path& folder, bool v2) {
  const auto limit = whole_number(first_line(folder / (v2 ? "memory.max" : "memory.limit_in_bytes")));
  const auto used = whole_number(first_line(folder / (v2 ? "memory.current" : "memory.usage_in_bytes")));
  if (!limit || !used || *limit <= 0) return std::nullopt;  // "max" is none
  const int64_t files = number_at(lines_of(folder / "memory.stat"), v2 ? "inactive_file" : "total_inactive_file");
  return std::max<int64_t>(0, *limit - std::max<int64_t>(0, *used - files));
}

std::optional<int64_t> left_by_ulimit([[maybe_unused]] const fs::path& root) {
#ifdef __linux__
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  const auto pages = whole_number(word(first_line(root / "proc/self/statm"), 0));
  return std::max<int64_t>(0, static_cast<int64_t>(limit.rlim_cur) - pages.value_or(0) * sysconf(_SC_PAGESIZE));
#else
  return std::nullopt;
#endif
}

}  // namespace

FreeMemory free_memory(const fs::path& root) {
  FreeMemory least{std::numeric_limits<size_t>::max(), "nothing"};
  const auto bound = [&](int64_t bytes, const char* name) {
    if (static_cast<size_t>(bytes) < least.bytes) least = {static_cast<size_t>(bytes), name};
  };
  const std::vector<std::string> machine = lines_of(root / "proc/meminfo");
  if (const int64_t available = number_at(machine, "MemAvailable:"); available > 0)
    bound(1024 * (available + number_at(machine, "SwapFree:")), "the machine");
  each_cgroup(root, "memory", [&](const fs::path& folder, bool v2) {
    if (const auto left = left_in(folder, v2)) bound(*left, "the cgroup's limit");
  });
  if (const auto left = left_by_ulimit(root)) bound(*left, "ulimit -v");
  return least;
}

std::string shown_bytes(double bytes) {
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return bytes < 1e12 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.1f} TB", bytes / 1e12);
}

void require_memory(size_t count, double bytes_each, std::string_view who, std::string_view what) {
  const double bytes = static_cast<double>(count) * bytes_each;
  constexpr double kAlwaysThere = 1e8;  // not worth a look
  if (bytes < kAlwaysThere) return;
  const FreeMemory free = free_memory();
  if (bytes <= static_cast<double>(free.bytes)) return;
  fail_input("{}: {} take {}, {} are free ({}): at most {} would fit", who, what, shown_bytes(bytes),
             shown_bytes(static_cast<double>(free.bytes)), free.bounded_by,
             static_cast<size_t>(static_cast<double>(free.bytes) / bytes_each));
}

}  // namespace lineament
