#include "bench/device_profile.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "bench/device_ceilings.h"
#include "bench/profile.h"
#include "bench/recorded_time.h"
#include "bench/timing.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

using Json = nlohmann::json;

/// A reshape in place.
bool does_nothing(const Program::Step& step) {
  return step.op == &reshape_op && step.in[0].data == step.out[0].data &&
         step.in[0].desc.dtype == step.out[0].desc.dtype;
}

/// Takes the time of one piece of work after another.
class Timer {
 public:
  explicit Timer(Backend& backend) : backend_(backend) {}

  double seconds_of(const std::function<void()>& work, const std::string& name) {
    backend_.synchronize();
    const double begin = seconds_now();
    work();
    backend_.synchronize();
    const double waited = seconds_now() - begin;
    const std::optional<double> recorded = recorded_seconds(backend_, work, waited);
    if (!recorded) call_by_call_.push_back(name);
    const double seconds = recorded.value_or(waited);
    total_ += seconds;
    return seconds;
  }
  double total() const { return total_; }
  const std::vector<std::string>& call_by_call() const { return call_by_call_; }

 private:
  Backend& backend_;
  double total_ = 0;
  std::vector<std::string> call_by_call_;
};

}  // namespace

Json profile_on_device(const StepBenchOptions& options, Program& program, const UpdateWork& update,
                       double step_ms) {
  Backend& backend = find_backend(options.device);
  const Ceilings ceilings = measure_ceilings(backend, options.precision);
  program.binding();
  const auto all_at_once = backend.record([&] {
    program.run_calls();
    if (update.run) update.run();
  });
  const double graph_ms = all_at_once ? replay_seconds(*all_at_once, backend) * 1e3 : 0;

  Profile profile(ceilings);
  Timer timer(backend);
  if (!options.infer && program.packed_bytes() > 0)
    profile.add("pack", timer.seconds_of([&] { program.pack_each_run(); }, "pack"),
                2.0 * double(program.packed_bytes()));
  for (const Program::Step& step : program.steps())
    if (!does_nothing(step))
      profile.add(step, timer.seconds_of([&] { program.run_step(step); },
                                         fmt::format("{} ({})", step.label, step.kernel->name)));
  if (update.run) profile.add("adam_update", timer.seconds_of(update.run, "adam_update"), update.bytes);
  profile.add_total(timer.total());

  Json json = profile.to_json(ceilings.gflops);
  json["graph_ms"] = graph_ms;
  json["step_ms"] = step_ms;
  json["ceiling_gflops"] = ceilings.gflops;
  json["ceiling_gbps"] = ceilings.gbps;
  json["call_by_call"] = timer.call_by_call();
  return json;
}

void print_device_profile(const Json& profile, size_t longest) {
  const auto number = [&](const char* key) { return profile[key].get<double>(); };
  fmt::print("\nprofile: {:.3f} ms of nodes, each in a row of itself that is recorded\n", number("ms"));
  fmt::print("  at least {:.3f} ms, by {:.0f} GB/s and {:.0f} GFLOP/s\n", number("floor_ms"),
             number("ceiling_gbps"), number("ceiling_gflops"));
  if (number("graph_ms") > 0)
    fmt::print("  all of them in one recording: {:.3f} ms, {:+.3f} in gaps and overlaps\n",
               number("graph_ms"), number("graph_ms") - number("ms"));
  fmt::print("  the measured step: {:.3f} ms\n", number("step_ms"));
  const Json& others = profile["call_by_call"];
  if (!others.empty()) {
    fmt::print("  {} could not be recorded, their times hold the host's too:\n", others.size());
    for (const Json& name : others) fmt::print("    {}\n", name.get<std::string>());
  }
  print_profile(profile, longest);
}

}  // namespace lineament
