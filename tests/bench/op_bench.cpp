// Times every row of op_cases.h, forward and backward, with each kernel that takes it: lineament_op_bench --benchmark_filter=conv2d
#include <benchmark/benchmark.h>

#include <algorithm>
#include <set>

#include "tests/op_trial.h"

using namespace lineament;
using test::OpCase;
using test::OpTrial;

namespace {

/// Kernels of the row's own op and its gradients that take its shapes; the loss around it is left out.
std::set<std::string> kernels_of(const OpCase& row) {
  std::set<std::string> names;
  const OpTrial<float> trial(row, {});
  for (const Node& node : trial.graph.nodes())
    for (KernelList k = node.op->cpu; k->name; ++k)
      if (std::string(k->name).find("mean_squared_error") == std::string::npos) names.insert(k->name);
  std::erase_if(names, [&](const std::string& name) {
    const auto used = OpTrial<float>(row, {.kernel = name}).program->kernel_names();
    return std::ranges::find(used, name) == used.end();
  });
  return names;
}

void run(benchmark::State& state, const OpCase& row, const std::string& kernel) {
  const OpTrial<float> trial(row, {.kernel = kernel});
  for (auto _ : state) trial.program->run();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<OpCase> rows = test::all_cases();
  for (const OpCase& row : rows)
    for (const std::string& kernel : kernels_of(row))
      benchmark::RegisterBenchmark((row.name + " / " + kernel).c_str(),
                                   [&row, kernel](benchmark::State& state) { run(state, row, kernel); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
