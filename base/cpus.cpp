#include "base/cpus.h"

#include <fmt/format.h>

#ifdef __linux__
#include <sched.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>
#include <vector>

namespace lineament {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string_view> fields_of(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    fields.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

bool has(const std::vector<std::string_view>& fields, std::string_view field) {
  return std::ranges::find(fields, field) != fields.end();
}

std::optional<int64_t> whole(std::string_view text) {
  int64_t value;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "max" and version 1's -1 are no quota, and neither is what is not there.
std::optional<double> quota_of(std::string_view quota, std::string_view period) {
  const std::optional<int64_t> q = whole(quota), p = whole(period);
  if (!q || !p || *q <= 0 || *p <= 0) return std::nullopt;
  return double(*q) / double(*p);
}

std::string first_line(const fs::path& path) {
  const std::vector<std::string> lines = lines_of(path);
  return lines.empty() ? "" : lines[0];
}

std::optional<double> quota_v2(const fs::path& folder) {
  const std::string line = first_line(folder / "cpu.max");
  const std::vector<std::string_view> fields = fields_of(line, ' ');
  return fields.size() == 2 ? quota_of(fields[0], fields[1]) : std::nullopt;
}

std::optional<double> quota_v1(const fs::path& folder) {
  return quota_of(first_line(folder / "cpu.cfs_quota_us"), first_line(folder / "cpu.cfs_period_us"));
}

/// mountinfo writes a space as \040.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 3, code, 8).ptr == &text[i + 1] + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Where the hierarchy that limits CPUs is mounted, and which folder of it that shows.
struct Mount {
  bool v2;
  fs::path shows, point;
};

/// A line of mountinfo: "30 23 0:26 /shown /point rw shared:9 - cgroup2 cgroup2 rw".
std::optional<Mount> mount_of(std::string_view line) {
  const size_t dash = line.find(" - ");
  if (dash == line.npos) return std::nullopt;
  const std::vector<std::string_view> place = fields_of(line.substr(0, dash), ' ');
  const std::vector<std::string_view> kind = fields_of(line.substr(dash + 3), ' ');
  if (place.size() < 5 || kind.size() < 3) return std::nullopt;
  const bool v2 = kind[0] == "cgroup2";
  if (!v2 && !(kind[0] == "cgroup" && has(fields_of(kind[2], ','), "cpu"))) return std::nullopt;
  return Mount{v2, unescaped(place[3]), unescaped(place[4])};
}

/// The path of this process's cgroup, from lines like "0::/a/b" (version 2) or "4:cpu,cpuacct:/a/b".
std::optional<fs::path> cgroup_path(const std::vector<std::string>& lines, bool v2) {
  for (const std::string& line : lines) {
    const size_t first = line.find(':'), second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (v2 ? controllers.empty() : has(fields_of(controllers, ','), "cpu")) return line.substr(second + 1);
  }
  return std::nullopt;
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
  const std::optional<int64_t> count = whole(digits);
  if (!count || *count < 1) return std::nullopt;
  return static_cast<int>(std::min<int64_t>(*count, 1 << 20));
}

}  // namespace

std::optional<double> cgroup_quota(const fs::path& root) {
  const std::vector<std::string> cgroups = lines_of(root / "proc/self/cgroup");
  std::optional<double> least;
  for (const std::string& line : lines_of(root / "proc/self/mountinfo")) {
    const std::optional<Mount> mount = mount_of(line);
    if (!mount) continue;
    const std::optional<fs::path> path = cgroup_path(cgroups, mount->v2);
    if (!path) continue;
    fs::path below = path->lexically_relative(mount->shows);  // "." where the container sees its own cgroup alone
    if (below.empty() || *below.begin() == "..") below = ".";
    for (fs::path at = below.lexically_normal();; at = at.parent_path()) {
      const fs::path folder = root / mount->point.relative_path() / at;
      const std::optional<double> quota = mount->v2 ? quota_v2(folder) : quota_v1(folder);
      if (quota) least = std::min(*quota, least.value_or(*quota));
      if (at.empty() || at == ".") break;
    }
  }
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

}  // namespace lineament
