// A profile: which kernels and ops the time of a step goes to, and how near each is to its ceiling.
#pragma once
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
};

/// Sums over every run that it watched.
class Profile {
 public:
  void add(const Program::Step& step, double seconds);
  void add(const std::string& name, double seconds, double bytes);
  void add_total(double seconds) {
    total_ += seconds;
    ++runs_;
  }

  /// Lines by kernel and by work, longest first, per run; `peak_gflops` is the FMA rate meanwhile, infinite where nobody knows.
  nlohmann::json to_json(double peak_gflops) const;

 private:
  std::map<std::string, ProfileLine> by_kernel_, by_work_;
  double total_ = 0;
  int runs_ = 0;
};

/// The tables of Profile::to_json; of work the `longest` lines.
void print_profile(const nlohmann::json& profile, size_t longest);

}  // namespace lineament
