#include "bench/profile.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lineament {
namespace {

using Json = nlohmann::json;

/// 1e9 a second; of what takes no time, like a reshape in place, none.
double giga(double count, double seconds) { return seconds > 0 ? count / seconds / 1e9 : 0; }

}  // namespace

void Profile::add_to(ProfileLine& line, double seconds, double flops, double bytes) const {
  ++line.calls;
  line.seconds += seconds;
  line.flops += flops;
  line.bytes += bytes;
  line.floor += std::max(flops / ceilings_.gflops, bytes / ceilings_.gbps) / 1e9;
}

void Profile::add(const Program::Step& step, double seconds) {
  const Work work = work_of(step);
  const double flops = flops_of(work), bytes = bytes_of(work);
  add_to(by_kernel_[step.kernel->name], seconds, flops, bytes);
  add_to(by_work_[name_of(work) + ", " + pass_of(work)], seconds, flops, bytes);
}

void Profile::add(const std::string& name, double seconds, double bytes) {
  add_to(by_kernel_[name], seconds, 0, bytes);
  add_to(by_work_[name], seconds, 0, bytes);
}

Json Profile::to_json(double peak_gflops) const {
  Json json{{"runs", runs_}, {"ms", total_ / runs_ * 1e3}};
  const bool has_floors = std::isfinite(ceilings_.gbps);
  double covered = 0, floor = 0;
  for (const auto& [key, lines] : {std::pair{"kernels", &by_kernel_}, std::pair{"work", &by_work_}}) {
    std::vector<ProfileLine> sorted;
    for (const auto& [name, line] : *lines) {
      sorted.push_back(line);
      sorted.back().name = name;
    }
    std::ranges::sort(sorted, std::greater(), &ProfileLine::seconds);
    covered = floor = 0;
    Json& list = json[key] = Json::array();
    for (const ProfileLine& line : sorted) {
      covered += line.seconds;
      list.push_back({{"name", line.name},
                      {"calls", line.calls / runs_},
                      {"ms", line.seconds / runs_ * 1e3},
                      {"percent", 100 * line.seconds / total_},
                      {"cumulative_percent", 100 * covered / total_},
                      {"gflops", giga(line.flops, line.seconds)},
                      {"peak_percent", 100 * giga(line.flops, line.seconds) / peak_gflops},
                      {"gbps", giga(line.bytes, line.seconds)}});
      floor += line.floor;
      if (has_floors) list.back()["floor_ms"] = line.floor / runs_ * 1e3;
    }
  }
  if (has_floors) json["floor_ms"] = floor / runs_ * 1e3;
  json["covered_percent"] = 100 * covered / total_;
  return json;
}

void print_profile(const Json& profile, size_t longest) {
  const auto cell = [](const Json& line, const char* key) {
    const double value = line[key];
    return value > 0 ? fmt::format("{:.1f}", value) : "-";
  };
  const bool has_floors = profile.contains("floor_ms");
  const auto table = [&](const char* title, const Json& lines, size_t count) {
    fmt::print("\n  {:<52}{:>6}{:>10}{}{:>7}{:>7}{:>9}{:>7}{:>8}\n", title, "calls", "ms",
               has_floors ? fmt::format("{:>10}", "floor ms") : "", "%", "sum %", "GFLOP/s", "peak%", "GB/s");
    for (size_t i = 0; i < std::min(count, lines.size()); ++i) {
      const Json& line = lines[i];
      fmt::print("  {:<52}{:>6}{:>10.3f}{}{:>7.1f}{:>7.1f}{:>9}{:>7}{:>8}\n", line["name"].get<std::string>(),
                 line["calls"].get<int>(), line["ms"].get<double>(),
                 has_floors ? fmt::format("{:>10.3f}", line["floor_ms"].get<double>()) : "",
                 line["percent"].get<double>(), line["cumulative_percent"].get<double>(), cell(line, "gflops"),
                 cell(line, "peak_percent"), cell(line, "gbps"));
    }
  };
  if (!has_floors)
    fmt::print("\nprofile of {} runs, {:.2f} ms each, {:.1f} % of it in the lines\n", profile["runs"].get<int>(),
               profile["ms"].get<double>(), profile["covered_percent"].get<double>());
  table("kernel", profile["kernels"], profile["kernels"].size());
  table("work", profile["work"], longest);
}

}  // namespace lineament
