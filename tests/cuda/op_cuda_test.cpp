// Every CUDA kernel of every op, row by row, against the reference in double on the CPU.
#include <doctest/doctest.h>

#include <set>

#include "tests/cuda/emulated.h"
#include "tests/cuda/limits.h"
#include "tests/cuda/node_trial.h"

using namespace lineament;
using namespace lineament::test;

namespace {

double relative_distance(const std::vector<float>& got, const std::vector<double>& expected) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    difference += std::pow(got[i] - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  return std::sqrt(difference) / (std::sqrt(norm) + 1e-12);
}

/// Ops of a row's tape that the row did not ask for: they make its loss. Their own rows force their kernels.
bool of_the_loss(const OpCase& row, const Op& op) {
  return std::string(op.name).starts_with("mean_squared_error") &&
         !row.name.starts_with("mean_squared_error");
}

/// Kernels that a build without a GPU has the names of only (tests/cuda_on_host/libraries.cpp).
bool needs_gpu(const std::string& name) {
  return is_emulated() && (name.find("cudnn") != name.npos || name.find("1x1") != name.npos);
}

/// Whole programs, one for each kernel that can be forced.
void compare_programs(const std::vector<OpCase>& rows, Precision precision, double most) {
  std::set<std::string> known, forced, empty;
  for (const OpCase& row : rows) {
    CAPTURE(row.name);
    OpTrial<double> reference(row, {.reference = true});
    reference.program->run();
    std::set<std::string> names;
    bool complete = true;
    for (const Node& node : live_nodes(reference.graph)) {
      if (!node.op->cuda->name) empty.insert(node.op->name), complete = false;
      if (!of_the_loss(row, *node.op))
        for (KernelList k = node.op->cuda; k->name; ++k) names.insert(k->name);
    }
    known.insert(names.begin(), names.end());
    if (!complete) continue;
    for (const std::string& name : names) {
      CAPTURE(name);
      OpTrial<float> bench(row, {.planned = false, .poison = true, .kernel = name, .precision = precision},
                           true, cuda_backend());
      const auto used = bench.program->kernel_names();
      if (std::find(used.begin(), used.end(), name) == used.end()) continue;  // does not take these shapes
      forced.insert(name);
      bench.program->run();
      CHECK(relative_distance(bench.program->read(bench.y), reference.program->read<double>(reference.y)) <
            most);
      for (size_t i = 0; i < bench.gradients.size(); ++i) {
        CAPTURE(i);
        if (bench.gradients[i])
          CHECK(relative_distance(bench.program->read(bench.gradients[i]),
                                  reference.program->read<double>(reference.gradients[i])) < most);
      }
    }
  }
  MESSAGE(forced.size() << " kernels compared");
  for (const std::string& name : known)
    CHECK_MESSAGE((forced.contains(name) || needs_gpu(name)), name << " was forced by no row");
  for (const std::string& name : empty) CHECK_MESSAGE(false, name << " has no CUDA kernels");
}

/// One node at a time: alone, and in the place of the input that its op may write over.
void compare_nodes(const std::vector<OpCase>& rows, bool bf16) {
  std::set<std::string> narrow_ops, compared, known_kernels, compared_kernels;
  for (const OpCase& row : rows) {
    CAPTURE(row.name);
    for (const NodeTrial& node : node_trials(row, bf16)) {
      if (of_the_loss(row, node.op) || (bf16 && !node.narrow())) continue;
      CAPTURE(std::string(node.op.name));
      narrow_ops.insert(node.op.name);
      for (KernelList kernel = node.op.cuda; kernel->name; ++kernel) {
        known_kernels.insert(kernel->name);
        if (!node.takes(*kernel)) continue;
        compared_kernels.insert(kernel->name);
        CAPTURE(std::string(kernel->name));
        compared.insert(node.op.name);
        for (bool in_place : {false, true}) {
          if (in_place && !node.can_run_in_place()) continue;
          CAPTURE(in_place);
          const auto got = node.run(cuda_backend(), *kernel, in_place);
          for (size_t i = 0; i < got.size(); ++i) {
            CAPTURE(i);
            CHECK(node.distance(got, i) < limit_of(kernel->name, bf16, got[i].desc.dtype));
          }
        }
      }
    }
  }
  MESSAGE(compared.size() << " ops compared");
  CHECK(compared == narrow_ops);
  CHECK(compared.size() > 8);
  for (const std::string& name : known_kernels)
    CHECK_MESSAGE((compared_kernels.contains(name) || needs_gpu(name)), name << " was taken by no row");
}

}  // namespace

TEST_CASE("programs: every kernel of the elementwise ops agrees with the reference") {
  compare_programs(elementwise_cases(), Precision::f32, 1e-5);
}
TEST_CASE("programs: every kernel of the spatial ops agrees with the reference") {
  compare_programs(spatial_cases(), Precision::f32, 1e-5);
}
TEST_CASE(
    "tf32: every kernel of the spatial ops agrees with the reference, factors rounded to 10 bits aside") {
  if (is_emulated()) return;  // whose products know no tf32
  compare_programs(spatial_cases(), Precision::tf32, 1e-3);
}
TEST_CASE("nodes: elementwise ops agree in f32, in place too") { compare_nodes(elementwise_cases(), false); }
TEST_CASE("nodes: spatial ops agree in f32, in place too") { compare_nodes(spatial_cases(), false); }
TEST_CASE("bf16: elementwise ops agree on what bf16 can say") { compare_nodes(elementwise_cases(), true); }
TEST_CASE("bf16: spatial ops agree on what bf16 can say") { compare_nodes(spatial_cases(), true); }
