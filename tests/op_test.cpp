// Every op, row by row: its gradient in double against differences, its fast kernels against the reference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/cpu/levels.h"
#include "kernels/op_list.h"
#include "tests/op_trial.h"

using namespace lineament;
using lineament::test::all_cases;
using lineament::test::OpCase;
using lineament::test::OpTrial;

namespace {

template <class T>
double relative_distance(const std::vector<T>& got, const std::vector<T>& expected) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    difference += std::pow(double(got[i]) - double(expected[i]), 2);
    norm += std::pow(double(expected[i]), 2);
  }
  return std::sqrt(difference) / (std::sqrt(norm) + 1e-12);
}

/// Elements of each input that differences are taken at; with the sanitizers, which slow all of it to a tenth, a few.
#ifdef LINEAMENT_UNPLANNED
constexpr size_t kElements = 6;
#else
constexpr size_t kElements = 40;
#endif

#define LINEAMENT_ADDRESS(name) &name##_op,
constexpr const Op* kOps[] = {LINEAMENT_ELEMENTWISE_OPS(LINEAMENT_ADDRESS) LINEAMENT_SPATIAL_OPS(LINEAMENT_ADDRESS)};
#undef LINEAMENT_ADDRESS

/// No layer emits these, so that no row holds them; optimizer_updates_test, weight_average_test, fold_test, learner_test and, for
/// batches of faces and casts, tests/cuda do.
bool has_tests_of_its_own(const Op* op) {
  const Op* const apart[] = {&adam_update_op, &sgd_update_op, &rmsprop_update_op, &weight_average_op,
                             &note_loss_op,   &face_batch_op, &fold_op,           &cast_op};
  return std::ranges::find(apart, op) != std::end(apart);
}

bool has_level_of(std::string_view kernel) {
  if (kernel.ends_with(".avx512")) return has_avx512();
  return !kernel.ends_with(".avx2") || has_avx2();
}

/// Central differences of fourth order: their own error stays far below what is checked.
double difference_quotient(OpTrial<double>& bench, size_t input, std::vector<double> values, size_t i) {
  const double h = 1e-3, x = values[i];
  auto loss_at = [&](double at) {
    values[i] = at;
    bench.program->feed<double>(bench.inputs[input], values);
    return bench.run_loss();
  };
  return (8 * (loss_at(x + h) - loss_at(x - h)) - (loss_at(x + 2 * h) - loss_at(x - 2 * h))) / (12 * h);
}

}  // namespace

TEST_CASE("gradients: they agree with differences in double") {
  size_t checked = 0;
  for (const OpCase& row : all_cases()) {
    if (!row.differentiable || !row.differences) continue;
    CAPTURE(row.name);
    OpTrial<double> bench(row, {.reference = true});
    bench.run_loss();
    for (size_t input = 0; input < row.inputs.size(); ++input) {
      if (!row.inputs[input].trainable) continue;
      CAPTURE(row.inputs[input].name);
      REQUIRE(static_cast<bool>(bench.gradients[input]));
      const auto gradient = bench.program->read<double>(bench.gradients[input]);
      const auto values = bench.values_of(input);
      const size_t step = std::max<size_t>(1, values.size() / kElements);  // ends included
      std::vector<double> got, expected;
      for (size_t i = 0; i < values.size(); i += step) {
        got.push_back(gradient[i]);
        expected.push_back(difference_quotient(bench, input, values, i));
      }
      bench.feed_input(input);
      bench.run_loss();
      CHECK(relative_distance(got, expected) < 1e-6);
      ++checked;
    }
  }
  CHECK(checked > 60);
}

TEST_CASE("kernels: every one of every list agrees with the reference in double") {
  std::set<std::string> forced;
  for (const OpCase& row : all_cases()) {
    CAPTURE(row.name);
    OpTrial<double> reference(row, {.reference = true});
    reference.program->run();
    OpTrial<float> probe(row, {});
    std::set<std::string> names;
    for (const Node& node : probe.graph.nodes())
      for (KernelList k = node.op->cpu; k->name; ++k) names.insert(k->name);
    for (const std::string& name : names) {
      CAPTURE(name);
      OpTrial<float> bench(row, {.poison = true, .kernel = name});
      const auto used = bench.program->kernel_names();
      if (std::find(used.begin(), used.end(), name) == used.end()) continue;  // does not take these shapes
      forced.insert(name);
      bench.program->run();
      auto as_double = [](const std::vector<float>& v) { return std::vector<double>(v.begin(), v.end()); };
      CHECK(relative_distance(as_double(bench.program->read(bench.y)), reference.program->read<double>(reference.y)) < 1e-5);
      for (size_t i = 0; i < bench.gradients.size(); ++i)
        if (bench.gradients[i])
          CHECK(relative_distance(as_double(bench.program->read(bench.gradients[i])),
                                  reference.program->read<double>(reference.gradients[i])) < 1e-5);
    }
  }
  MESSAGE(forced.size() << " kernels compared");
  for (const Op* op : kOps) {
    if (has_tests_of_its_own(op)) continue;
    for (KernelList k = op->cpu; k->name; ++k) {
      CAPTURE(std::string(k->name));
      CHECK((!has_level_of(k->name) || forced.contains(k->name)));  // no row reaches it: add one to op_cases
    }
  }
}

TEST_CASE("threads: every op gives the same bits on one and on three, planned or not") {
  for (const OpCase& row : all_cases()) {
    CAPTURE(row.name);
    std::vector<std::vector<float>> results;
    for (int count : {1, 3}) {
      for (bool planned : {true, false}) {
        set_threads(count);
        OpTrial<float> bench(row, {.planned = planned});
        bench.program->run();
        std::vector<float> all = bench.program->read(bench.y);
        for (Value g : bench.gradients)
          if (g)
            for (float v : bench.program->read(g)) all.push_back(v);
        results.push_back(std::move(all));
      }
    }
    set_threads(0);
    for (const auto& result : results) CHECK(result == results[0]);
  }
}
