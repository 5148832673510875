#include "bench/machine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/cpus.h"
#include "bench/timing.h"
#include "kernels/ceilings.h"
#include "tensor/backend.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kBurst = 0.03;  // seconds
constexpr int kRepeats = 3;      // medians of so many
constexpr size_t kLargest = size_t{512} << 20, kUnknownCache = size_t{32} << 20;

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

struct MemoryLevel {
  const char* name;
  size_t bytes;  // swept by `threads` of them
};

/// Half of what a level holds, so that it is that level alone. Large shared caches are swept in part:
/// a guest seldom has all of one.
std::vector<MemoryLevel> memory_levels(int threads) {
  const auto size = [](int name, size_t otherwise) {
    const long bytes = sysconf(name);
    return bytes > 0 ? static_cast<size_t>(bytes) : otherwise;
  };
  const size_t each = static_cast<size_t>(threads);
  const size_t l1 = size(_SC_LEVEL1_DCACHE_SIZE, 32 << 10), l2 = size(_SC_LEVEL2_CACHE_SIZE, 512 << 10);
  const size_t l3 = size(_SC_LEVEL3_CACHE_SIZE, 0);
  std::vector<MemoryLevel> levels{{"L1", l1 / 2 * each}, {"L2", l2 / 2 * each}};
  if (l3 > 0) levels.push_back({"L3", std::max(std::min(l3 / 2, kUnknownCache), 3 * l2 * each)});
  levels.push_back({"memory", std::min(4 * std::max(l3, kUnknownCache), kLargest)});
  return levels;
}

template <class F>
double median_of(F&& measure) {
  std::vector<double> values;
  for (int i = 0; i < kRepeats; ++i) values.push_back(measure());
  return median(values);
}

Json bandwidths(int threads) {
  Json rows = Json::array();
  for (const MemoryLevel& level : memory_levels(threads)) {
    const auto gbps = [&](Sweep sweep) {
      return median_of([&] { return sweep_gbps(sweep, level.bytes, kBurst); });
    };
    rows.push_back({{"level", level.name},
                    {"threads", threads},
                    {"bytes", level.bytes},
                    {"read_gbps", gbps(Sweep::read)},
                    {"copy_gbps", gbps(Sweep::copy)},
                    {"triad_gbps", gbps(Sweep::triad)}});
  }
  return rows;
}

double fma_peak(int count) {
  const ThreadsScope scope(count);
  return median_of([] { return fma_gflops(kBurst); });
}

}  // namespace

nlohmann::json machine_facts() {
  const Cpus cpus = available_cpus();
  return {{"processor", processor()},
          {"cpus", cpus.count},
          {"bounded_by", cpus.bounded_by},
          {"threads", threads()},
          {"level", widest_level()},
          {"fma_gflops_1_thread", fma_peak(1)},
          {"fma_gflops", fma_peak(threads())}};
}

void bench_machine(bool json) {
  nlohmann::json machine = machine_facts();
  const int all = threads();
  Json rows = Json::array();
  for (const int count : {1, all}) {
    if (count == 1 && all == 1 && !rows.empty()) break;
    const ThreadsScope scope(count);
    for (Json& row : bandwidths(count)) rows.push_back(row);
  }
  machine["bandwidth"] = rows;
  if (json) {
    fmt::print("{}\n", machine.dump(1));
    return;
  }
  fmt::print("{}, {} CPUs (bounded by: {}), kernels of level {}\n\n", machine["processor"].get<std::string>(),
             machine["cpus"].get<int>(), machine["bounded_by"].get<std::string>(),
             machine["level"].get<std::string>());
  fmt::print("  f32 multiply-adds   {:8.1f} GFLOP/s on 1 thread, {:.1f} on {}\n\n",
             machine["fma_gflops_1_thread"].get<double>(), machine["fma_gflops"].get<double>(), all);
  fmt::print("  {:<8}{:>8}{:>12}{:>12}{:>12}{:>12}\n", "level", "threads", "swept [KB]", "read [GB/s]",
             "copy", "triad");
  for (const Json& row : rows)
    fmt::print("  {:<8}{:>8}{:>12}{:>12.1f}{:>12.1f}{:>12.1f}\n", row["level"].get<std::string>(),
               row["threads"].get<int>(), row["bytes"].get<size_t>() >> 10, row["read_gbps"].get<double>(),
               row["copy_gbps"].get<double>(), row["triad_gbps"].get<double>());
}

}  // namespace lineament
