// A profile: which kernels and ops the time of a step goes to, and how near each is to its ceiling.
#pragma once
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/work.h"

namespace lineament {

/// Seconds, flops and bytes of some of a step's nodes, added up.
struct ProfileLine {
  std::string name;
  int calls = 0;
  double seconds = 0, flops = 0, bytes = 0;
  double floor = 0;  // seconds at least, at the ceilings
};

/// What a machine can do at best. Infinite where nobody measured it: then nothing has a floor.
struct Ceilings {
  double gflops = std::numeric_limits<double>::infinity();
  double gbps = std::numeric_limits<double>::infinity();
};

/// Sums over every run that it watched.
class Profile {
 public:
  explicit Profile(const Ceilings& ceilings = {}) : ceilings_(ceilings) {}

  void add(const Program::Step& step, double seconds);
  void add(const std::string& name, double seconds, double bytes);
  void add_total(double seconds) {
    total_ += seconds;
    ++runs_;
  }

  /// Lines by kernel and by work, longest first, per run; `peak_gflops` is the rate of multiply-adds meanwhile.
  nlohmann::json to_json(double peak_gflops) const;

 private:
  void add_to(ProfileLine& line, double seconds, double flops, double bytes) const;

  Ceilings ceilings_;
  std::map<std::string, ProfileLine> by_kernel_, by_work_;
  double total_ = 0;
  int runs_ = 0;
};

/// The tables of Profile::to_json, with floors where it has them; of work the `longest` lines.
void print_profile(const nlohmann::json& profile, size_t longest);

}  // namespace lineament
