// Every op, row by row: its gradient in double against differences, its fast kernels against the reference.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "tensor/autograd.h"
#include "tensor/program.h"
#include "tensor/random.h"
#include "tests/op_cases.h"

using namespace lineament;
using lineament::test::OpCase;
using lineament::test::OpInput;

namespace {

std::vector<OpCase> all_cases() {
  std::vector<OpCase> cases = test::spatial_cases();
  for (OpCase& c : test::elementwise_cases()) cases.push_back(std::move(c));
  return cases;
}

/// An op between its inputs and a scalar loss, the distance of its output from a random target.
template <class T>
struct Bench {
  Graph graph;
  std::vector<Value> inputs;
  Value target, mask, y, loss;
  std::vector<Value> gradients;  // of each input, empty where none is wanted
  std::vector<float> statistics;
  std::unique_ptr<Program> program;
  const OpCase& row;

  explicit Bench(const OpCase& c, const ProgramOptions& options, bool differentiate = true) : row(c) {
    for (const OpInput& in : c.inputs) {
      const DType dtype = in.dtype == DType::f32 ? dtype_of<T> : in.dtype;
      inputs.push_back(graph.input({in.shape, dtype}, in.name, in.trainable));
    }
    y = c.build(graph, inputs);
    graph.keep(y);
    if (differentiate && c.differentiable) {
      const int64_t elements = static_cast<int64_t>(y.desc().elements());
      const Desc flat{{elements}, dtype_of<T>};
      target = graph.input(flat, "target");
      mask = graph.input(flat, "mask");
      loss = mean_squared_error(reshape(y, flat.shape), target, mask);
      graph.keep(loss);
      gradients = backward(loss, inputs);
      for (Value g : gradients)
        if (g) graph.keep(g);
    }
    program = std::make_unique<Program>(graph, cpu_backend(), Buffers{}, options);
    for (size_t i = 0; i < inputs.size(); ++i) feed_input(i);
    if (target) {
      program->template feed<T>(target, draw(target.desc().elements(), fnv1a64("target"), -1, 1));
      program->template feed<T>(mask, std::vector<T>(mask.desc().elements(), T(1)));
    }
  }

  static std::vector<T> draw(size_t n, uint64_t stream, float low, float high) {
    std::vector<T> data(n);
    for (size_t i = 0; i < n; ++i) data[i] = T(low) + T(random_uniform(stream, i)) * T(high - low);
    return data;
  }
  std::vector<T> values_of(size_t i) const {
    const OpInput& in = row.inputs[i];
    return draw(in.shape.elements(), fnv1a64(in.name) + i, in.low, in.high);
  }
  void feed_input(size_t i) {
    if (row.inputs[i].dtype == DType::u64)
      program->template feed<uint64_t>(inputs[i], std::vector<uint64_t>{11, 3});
    else
      program->template feed<T>(inputs[i], values_of(i));
  }
  double run_loss() {
    program->run();
    return static_cast<double>(program->template read<T>(loss)[0]);
  }
};

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

/// Central differences of fourth order: their own error stays far below what is checked.
double difference_quotient(Bench<double>& bench, size_t input, std::vector<double> values, size_t i) {
  const double h = 1e-3, x = values[i];
  auto loss_at = [&](double at) {
    values[i] = at;
    bench.program->feed<double>(bench.inputs[input], values);
    return bench.run_loss();
  };
  return (8 * (loss_at(x + h) - loss_at(x - h)) - (loss_at(x + 2 * h) - loss_at(x - 2 * h))) / (12 * h);
}

}  // namespace

TEST_CASE("gradients agree with differences in double") {
  size_t checked = 0;
  for (const OpCase& row : all_cases()) {
    if (!row.differentiable) continue;
    CAPTURE(row.name);
    Bench<double> bench(row, {.reference = true});
    bench.run_loss();
    for (size_t input = 0; input < row.inputs.size(); ++input) {
      if (!row.inputs[input].trainable) continue;
      CAPTURE(row.inputs[input].name);
      REQUIRE(static_cast<bool>(bench.gradients[input]));
      const auto gradient = bench.program->read<double>(bench.gradients[input]);
      const auto values = bench.values_of(input);
      const size_t step = std::max<size_t>(1, values.size() / 40);  // some forty elements of each, ends included
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

TEST_CASE("every kernel of every list agrees with the reference in double") {
  std::set<std::string> forced;
  for (const OpCase& row : all_cases()) {
    CAPTURE(row.name);
    Bench<double> reference(row, {.reference = true});
    reference.program->run();
    Bench<float> probe(row, {});
    std::set<std::string> names;
    for (const Node& node : probe.graph.nodes())
      for (KernelList k = node.op->cpu; k->name; ++k) names.insert(k->name);
    for (const std::string& name : names) {
      CAPTURE(name);
      Bench<float> bench(row, {.poison = true, .kernel = name});
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
  CHECK(forced.size() > 20);
}

TEST_CASE("every op gives the same bits on one thread and on three, planned or not") {
  for (const OpCase& row : all_cases()) {
    CAPTURE(row.name);
    std::vector<std::vector<float>> results;
    for (int count : {1, 3}) {
      for (bool planned : {true, false}) {
        set_threads(count);
        Bench<float> bench(row, {.planned = planned});
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
