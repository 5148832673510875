// What the rows of op_cases cannot say of the elementwise ops: accuracy, randomness, refusals.
#include <doctest/doctest.h>

#include <cmath>

#include "kernels/formulas.h"
#include "kernels/ops.h"
#include "tensor/autograd.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

std::vector<float> run(const Graph& graph, Value x, const std::vector<float>& data, Value y, Value rng = {},
                       uint64_t step = 0) {
  Program program(graph, cpu_backend(), {});
  program.feed<float>(x, data);
  if (rng) program.feed<uint64_t>(rng, std::vector<uint64_t>{42, step});
  program.run();
  return program.read(y);
}

/// Dropped elements of ones.
std::vector<float> dropped(const Shape& shape, float rate, uint64_t stream, uint64_t step,
                           bool path = false) {
  Graph graph;
  const Value x = graph.input({shape}, "x"), rng = graph.input({{2}, DType::u64}, "rng");
  const Value y = path ? drop_path(x, rng, rate, stream) : dropout(x, rng, rate, stream);
  graph.keep(y);
  return run(graph, x, std::vector<float>(shape.elements(), 1), y, rng, step);
}

}  // namespace

TEST_CASE("the exponential in float stays within two units in the last place") {
  double worst = 0;
  for (float x = -87; x <= 88; x += 0.00137f) {
    const double exact = std::exp(static_cast<double>(x));
    const double unit = std::nextafter(static_cast<float>(exact), INFINITY) - static_cast<float>(exact);
    worst = std::max(worst, std::abs(exponential(x) - exact) / unit);
  }
  CHECK(worst < 2);
  CHECK(exponential(0.0f) == 1);
  for (float x : {100.0f, 1e4f, 1e9f, 3e38f, INFINITY}) {
    CHECK(exponential(x) == INFINITY);
    CHECK(exponential(-x) == doctest::Approx(0));
    CHECK(exponential(-x) >= 0);
  }
  CHECK(std::isnan(exponential(NAN)));
}

TEST_CASE("activations hand NaN on") {
  for (Activation kind : {Activation::relu, Activation::relu6, Activation::leaky_relu, Activation::swish,
                          Activation::sigmoid}) {
    Graph graph;
    const Value x = graph.input({{17}}, "x"), y = activate(x, kind);
    graph.keep(y);
    for (float v : run(graph, x, std::vector<float>(17, NAN), y)) CHECK(std::isnan(v));
  }
}

TEST_CASE("dropout drops its share, scales the rest, and draws anew for each step and stream") {
  const Shape shape{101, 997};
  const auto y = dropped(shape, 0.3f, 5, 1);
  double zeros = 0;
  for (float v : y) {
    CHECK((v == 0 || v == doctest::Approx(1 / 0.7)));
    zeros += v == 0;
  }
  CHECK(zeros / static_cast<double>(y.size()) == doctest::Approx(0.3).epsilon(0.02));
  CHECK(y == dropped(shape, 0.3f, 5, 1));
  CHECK(y != dropped(shape, 0.3f, 5, 2));
  CHECK(y != dropped(shape, 0.3f, 6, 1));

  double alike = 0, neighbours = 0;
  const auto other = dropped(shape, 0.3f, 6, 1);
  for (size_t i = 0; i + 1 < y.size(); ++i) {
    alike += (y[i] == 0) == (other[i] == 0);
    neighbours += (y[i] == 0) == (y[i + 1] == 0);
  }
  CHECK(alike / static_cast<double>(y.size()) == doctest::Approx(0.3 * 0.3 + 0.7 * 0.7).epsilon(0.02));
  CHECK(neighbours / static_cast<double>(y.size()) == doctest::Approx(0.3 * 0.3 + 0.7 * 0.7).epsilon(0.02));
}

TEST_CASE("drop_path keeps or drops whole pictures") {
  const auto y = dropped({997, 3, 1, 5}, 0.25f, 9, 4, true);
  double zeros = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    CHECK(y[i] == y[i / 15 * 15]);
    zeros += y[i] == 0;
  }
  CHECK(zeros / static_cast<double>(y.size()) == doctest::Approx(0.25).epsilon(0.15));
}

TEST_CASE("dropout of rate 0 leaves no trace on the tape") {
  Graph graph;
  const Value x = graph.input({{3}}, "x"), rng = graph.input({{2}, DType::u64}, "rng");
  CHECK(dropout(x, rng, 0, 1) == x);
  CHECK(drop_path(x, rng, 0, 1) == x);
  CHECK_THROWS_AS(dropout(x, rng, 1, 1), std::logic_error);
}

TEST_CASE("batch normalisation keeps its digits when the mean is far from zero") {
  constexpr int64_t kRows = 16411, kChannels = 3;
  Graph graph;
  const Value x = graph.input({{kRows, kChannels}}, "x");
  std::vector<Value> vectors;
  for (const char* name : {"gamma", "beta", "running_mean", "running_variance"})
    vectors.push_back(graph.input({{kChannels}}, name));
  const Value y =
      batch_norm_train(x, vectors[0], vectors[1], vectors[2], vectors[3], {.epsilon = 1e-6f, .momentum = 0});
  graph.keep(y);
  Program program(graph, cpu_backend(), {});
  std::vector<float> data(kRows * kChannels);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < data.size(); ++i) data[i] = 4096 + random_uniform(7, i);
  for (size_t i = 0; i < data.size(); i += kChannels) sum += data[i];
  for (size_t i = 0; i < data.size(); i += kChannels) squares += std::pow(data[i] - sum / kRows, 2);
  program.feed<float>(x, data);
  program.feed<float>(vectors[0], std::vector<float>(kChannels, 1));
  program.run();
  CHECK(program.read(vectors[3])[0] == doctest::Approx(squares / kRows).epsilon(1e-4));
  CHECK(program.read(vectors[2])[0] == doctest::Approx(sum / kRows).epsilon(1e-7));
}

TEST_CASE("shapes that do not meet are refused with both shapes") {
  Graph graph;
  const Value a = graph.input({{2, 3}}, "a"), b = graph.input({{3, 2}}, "b"), c = graph.input({{3}}, "c");
  const Value picture = graph.input({{2, 3, 3, 3}}, "picture");
  CHECK_THROWS_WITH(add(a, b), "add: f32 [2, 3] and f32 [3, 2]");
  CHECK_THROWS_WITH(multiply(a, b), "multiply: f32 [2, 3] and f32 [3, 2]");
  CHECK_THROWS_WITH(reshape(a, {7}), "reshape: f32 [2, 3] to [7]");
  CHECK_THROWS_WITH(mean_squared_error(a, b, b),
                    "mean_squared_error: prediction f32 [2, 3], target f32 [3, 2], mask f32 [3, 2]");
  CHECK_THROWS_AS(batch_norm_train(picture, c, c, a, c, {}), std::logic_error);
  CHECK_THROWS_AS(batch_norm_train(picture, c, c, c, c, {.activation = Activation::swish}, picture),
                  std::logic_error);
}
