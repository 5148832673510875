// lineament bench: how fast the kernels and whole steps are here, beside the machine's ceilings and oneDNN.
#include <memory>
#include <string>
#include <vector>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "base/check.h"
#include "bench/kernels.h"
#include "bench/machine.h"
#include "bench/step.h"
#include "tensor/backend.h"

namespace lineament {
namespace {

struct Shared {
  int threads = 0;
  bool json = false;
};

void add_shared(CLI::App& command, const std::shared_ptr<Shared>& shared) {
  command.add_option("--threads", shared->threads, "CPU threads; 0: as many as may run at once.")
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--json", shared->json, "Numbers for programs to read.");
}

void take_threads(const Shared& shared) {
  if (shared.threads < 0) fail_input("--threads {}: expected 0 or more", shared.threads);
  set_threads(shared.threads);
}

void at_least_1(const char* option, int value) {
  if (value < 1) fail_input("{} {}: expected 1 or more", option, value);
}

void add_machine(CLI::App& bench) {
  auto shared = std::make_shared<Shared>();
  CLI::App* command =
      bench.add_subcommand("machine", "The ceilings: multiply-adds, and bandwidth of each level of memory");
  add_shared(*command, shared);
  command->callback([shared] {
    take_threads(*shared);
    bench_machine(shared->json);
  });
}

void add_kernels(CLI::App& bench) {
  auto shared = std::make_shared<Shared>();
  auto options = std::make_shared<KernelBenchOptions>();
  auto peers = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      bench.add_subcommand("kernels", "Each distinct piece of work of some networks' training steps");
  command->add_option("--models", options->models, "Networks whose steps are taken apart.")
      ->type_name("LIST")
      ->delimiter(',')
      ->default_str("resnet50, efficientnet b0 b7 v2_b3 lite0");
  command->add_option("--batch", options->batch, "Pictures in a step.")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--filter", options->filter,
                   "Only work whose `name, pass` has this text in it: `3x3/1`, `, dw`.")
      ->type_name("TEXT");
  command
      ->add_option("--kernel", options->kernel,
                   "This kernel alone, where it can run; all: every one but the references.")
      ->type_name("NAME");
  command->add_option("--vs", *peers, "Peers to run in turn with it: onednn, eigen (our portable kernels).")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(CLI::Validator(CLI::IsMember({"onednn", "eigen"})).description(""));
  command->add_option("--runs", options->runs, "Samples of each; medians are shown.")
      ->type_name("N")
      ->capture_default_str();
  add_shared(*command, shared);
  command->callback([shared, options, peers] {
    at_least_1("--batch", options->batch);
    at_least_1("--runs", options->runs);
    take_threads(*shared);
    options->json = shared->json;
    for (const std::string& peer : *peers) (peer == "onednn" ? options->onednn : options->eigen) = true;
    bench_kernels(*options);
  });
}

void add_step(CLI::App& bench) {
  auto shared = std::make_shared<Shared>();
  auto options = std::make_shared<StepBenchOptions>();
  CLI::App* command = bench.add_subcommand("step", "A whole training step of a network, or its inference");
  command->add_option("MODEL", options->model, "A network of `lineament train --model`.")->required();
  command->add_option("--batch", options->batch, "Pictures in a step.")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--infer", options->infer, "Inference instead.");
  command->add_flag("--as-peers", options->as_peers,
                    "The network as the peers of docs/performance.md build it.");
  command
      ->add_option("--dense", options->head.dense, "Units of hidden layers, as `lineament train` has them.")
      ->type_name("LIST")
      ->excludes("--as-peers");
  command->add_option("--kernel", options->kernel, "Force this kernel wherever its op occurs.")
      ->type_name("NAME");
  add_choice(*command, "--device", "NAME", kDeviceText, options->device);
  add_choice(*command, "--precision", "NAME", kPrecisionText, options->precision);
  command->add_flag("--deterministic", options->deterministic, "On cuda: the same bits in every run.");
  command->add_option("--steps", options->steps, "Samples; medians are shown.")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--profile", options->profile,
                    "Where the time goes: by kernel, and the longest pieces of work.");
  add_shared(*command, shared);
  command->callback([shared, options] {
    at_least_1("--batch", options->batch);
    at_least_1("--steps", options->steps);
    take_threads(*shared);
    options->json = shared->json;
    bench_step(*options);
  });
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure speed: of the machine, of kernels, of whole steps");
  bench->require_subcommand(1);
  add_machine(*bench);
  add_kernels(*bench);
  add_step(*bench);
}

}  // namespace lineament
