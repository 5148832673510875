#include "base/cpus.h"

#include <fmt/format.h>

#ifdef __linux__
#include <sched.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "base/cgroup.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

/// "max" and version 1's -1 are no quota, and neither is what is not there.
std::optional<double> quota_of(std::string_view quota, std::string_view period) {
  const std::optional<int64_t> q = whole_number(quota), p = whole_number(period);
  if (!q || !p || *q <= 0 || *p <= 0) return std::nullopt;
  return double(*q) / double(*p);
}

std::optional<double> quota_v2(const fs::path& folder) {
  const std::string line = first_line(folder / "cpu.max");
  const std::vector<std::string_view> fields = fields_of(line, ' ');
  return fields.size() == 2 ? quota_of(fields[0], fields[1]) : std::nullopt;
}

std::optional<double> quota_v1(const fs::path& folder) {
  return quota_of(first_line(folder / "cpu.cfs_quota_us"), first_line(folder / "cpu.cfs_period_us"));
}

struct Bound {
  int count;
  std::string name;
};

Bound by_processors() {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#ifdef __linux__
  for (int most = 1024; most <= 1 << 20; most *= 2) {  // refused while the kernel's mask is wider
    std::vector<cpu_set_t> mask(CPU_ALLOC_SIZE(most) / sizeof(cpu_set_t));
    const size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) != 0) continue;
    const int count = CPU_COUNT_S(bytes, mask.data());
    return {count, count < static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) ? "affinity mask" : "processors"};
  }
#endif
  return {processors, "processors"};
}

/// Its first number: "4,2" speaks of nested regions too.
std::optional<int> omp_num_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (!text) return std::nullopt;
  std::string_view digits = fields_of(text, ',')[0];
  while (digits.starts_with(' ')) digits.remove_prefix(1);
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  const std::optional<int64_t> count = whole_number(digits);
  if (!count || *count < 1) return std::nullopt;
  return static_cast<int>(std::min<int64_t>(*count, 1 << 20));
}

}  // namespace

std::optional<double> cgroup_quota(const fs::path& root) {
  std::optional<double> least;
  each_cgroup(root, "cpu", [&](const fs::path& folder, bool v2) {
    const std::optional<double> quota = v2 ? quota_v2(folder) : quota_v1(folder);
    if (quota) least = std::min(*quota, least.value_or(*quota));
  });
  return least;
}

Cpus available_cpus(const fs::path& root) {
  Bound least = by_processors();
  const auto bound = [&](int count, const std::string& name) {
    if (count < least.count) least = {count, name};
  };
  if (const std::optional<int> count = omp_num_threads()) bound(*count, "OMP_NUM_THREADS");
  if (const std::optional<double> quota = cgroup_quota(root))
    bound(static_cast<int>(std::clamp(*quota, 1.0, 1e6)), fmt::format("cgroup quota {:.6g}", *quota));
  return {std::max(1, least.count), least.name};
}

int most_threads() {
  constexpr int kThreadsPerCpu = 4, kAlways = 64;
#ifdef __linux__
  const auto cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
#else
  const auto cpus = static_cast<int>(std::thread::hardware_concurrency());
#endif
  return std::max(kAlways, kThreadsPerCpu * cpus);
}

}  // namespace lineament
