#include "bench/step_report.h"

#include <nlohmann/json.hpp>

#include "bench/device_profile.h"
#include "bench/peer_models.h"
#include "bench/profile.h"
#include "bench/timing.h"
#include "bench/work.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kAdamTraffic = 7;   // reads of w, dw and two slots, writes of all but dw
constexpr size_t kLongestWork = 25;  // lines of a profile

void print_lines(const Json& report) {
  const auto number = [&](const char* key) { return report[key].get<double>(); };
  const auto text = [&](const char* key) { return report[key].get<std::string>(); };
  const auto line = [&](const char* what, const char* key, const char* unit, const std::string& about = "") {
    fmt::print("  {:<14}{:>10.2f} {:<9}{}\n", what, number(key), unit, about);
  };
  const bool on_cpu = report.contains("threads");
  fmt::print(
      "{}: {} of {} pictures, 96 x 96, {}, {}\n\n", text("model"),
      text("mode") == "train" ? "a training step" : "inference", report["batch"].get<int>(),
      text("precision"),
      on_cpu ? fmt::format("{} threads, {}", report["threads"].get<int>(), text("level")) : text("device"));
  line("time", "ms", "ms", fmt::format("median of {}", report["steps"].get<int>()));
  line("pictures", "images_per_s", "/s");
  if (on_cpu) {
    line("rate", "gflops", "GFLOP/s",
         fmt::format("{:.1f} % of the FMA peak meanwhile, {:.1f}", number("peak_percent"),
                     number("peak_gflops")));
    line("ms x GFLOP/s", "ms_x_gflops", "", "time at the clock of the moment");
    line("peak memory", "peak_rss_mb", "MB",
         fmt::format("resident; {:.1f} before the network", number("base_rss_mb")));
  } else {
    line("rate", "gflops", "GFLOP/s");
    line("peak memory", "peak_device_mb", "MB", "on the device");
  }
  line("arena", "arena_mb", "MB", fmt::format("and {:.1f} of workspace", number("workspace_mb")));
}

}  // namespace

Network step_network(const StepBenchOptions& options, Backend& backend) {
  validate(options.head);
  const Model model = options.as_peers ? peer_model(options.model) : find_model(options.model, options.head);
  return {model,
          model.loss,
          backend,
          1,
          {.poison = false,  // debug builds fill memory between steps
           .kernel = options.kernel,
           .precision = options.precision,
           .deterministic = options.deterministic}};
}

Program& step_program(const StepBenchOptions& options, Network& network) {
  return network.program_of(options.infer ? Mode::infer : Mode::train, options.batch);
}

Json report_step(const StepBenchOptions& options, Network& network, double ms) {
  Program& program = step_program(options, network);
  const Counts counts = count(program);
  return {{"model", options.model},
          {"mode", options.infer ? "infer" : "train"},
          {"as_peers", options.as_peers},
          {"batch", options.batch},
          {"device", name_of(options.device)},
          {"precision", name_of(options.precision)},
          {"deterministic", options.deterministic},
          {"steps", options.steps},
          {"ms", ms},
          {"images_per_s", options.batch / ms * 1e3},
          {"gflops", counts.flops / ms / 1e6},
          {"flops", counts.flops},
          {"nodes", counts.nodes},
          {"arena_mb", static_cast<double>(program.arena_bytes()) / 1e6},
          {"workspace_mb", static_cast<double>(program.workspace_bytes()) / 1e6}};
}

double adam_bytes(const Network& network) {
  return kAdamTraffic * static_cast<double>(network.parameters().flat_size()) * sizeof(float);
}

nlohmann::json profile_step(const StepBenchOptions& options, Network& network,
                            const std::function<void()>& update, const std::function<double()>& peak_gflops) {
  Program& program = step_program(options, network);
  Profile profile;
  double peak = peak_gflops();
  for (int run = 0; run < options.steps; ++run) {
    const double begin = seconds_now();
    program.run([&](const Program::Step& done, double seconds) { profile.add(done, seconds); });
    if (update) {
      const double before = seconds_now();
      update();
      network.backend().synchronize();
      profile.add("adam_update", seconds_now() - before, adam_bytes(network));
    }
    profile.add_total(seconds_now() - begin);
    peak += peak_gflops();
  }
  return profile.to_json(peak / (options.steps + 1));
}

void print_step(const StepBenchOptions& options, const Json& report) {
  if (options.json) {
    fmt::print("{}\n", report.dump(1));
    return;
  }
  print_lines(report);
  if (!options.profile) return;
  const Json& profile = report["profile"];
  options.device == Device::cpu ? print_profile(profile, kLongestWork) : print_device_profile(profile, kLongestWork);
}

}  // namespace lineament
