// lineament bench: how fast the kernels and whole steps are here, beside the machine's ceilings and oneDNN.
#include <memory>
#include <string>
#include <vector>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "apps/number_option.h"
#include "apps/options.h"
#include "bench/kernels.h"
#include "bench/machine.h"
#include "bench/step.h"
#include "models/expected_head.h"
#include "network/trace.h"
#include "tensor/backend.h"

namespace lineament {
namespace {

struct Shared {
  int threads = 0;
  bool json = false;
};

void add_shared(CLI::App& command, const std::shared_ptr<Shared>& shared) {
  add_threads(command, shared->threads);
  command.add_flag("--json", shared->json, "Numbers for programs to read.");
}

constexpr int kMostSamples = 10'000;

void add_batch(CLI::App& command, int& batch) {
  add_number(command, "--batch", "N", "Pictures in a step.", within(1, kMostBatch), batch);
}

void add_machine(CLI::App& bench) {
  auto shared = std::make_shared<Shared>();
  CLI::App* command =
      bench.add_subcommand("machine", "The ceilings: multiply-adds, and bandwidth of each level of memory");
  add_shared(*command, shared);
  command->callback([shared] {
    set_threads(shared->threads);
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
  add_batch(*command, options->batch);
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
  add_number(*command, "--runs", "N", "Samples of each; medians are shown.", within(1, kMostSamples), options->runs);
  add_shared(*command, shared);
  command->callback([shared, options, peers] {
    set_threads(shared->threads);
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
  add_batch(*command, options->batch);
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
  add_number(*command, "--steps", "N", "Samples; medians are shown.", within(1, kMostSamples), options->steps);
  command->add_flag("--profile", options->profile,
                    "Where the time goes: by kernel, and the longest pieces of work.");
  add_shared(*command, shared);
  command->callback([shared, options] {
    set_threads(shared->threads);
    options->json = shared->json;
    if (!options->as_peers) expect_head(options->model, options->head);
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
