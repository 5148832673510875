// The optimiser updates against Keras (tests/reference/optimizer_goldens.py),
// and their kernels against each other.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "kernels/ops.h"
#include "tensor/op_call.h"

using namespace lineament;
using nlohmann::json;

namespace {

template <class T>
View view(std::vector<T>& data) {
  return {{{static_cast<int64_t>(data.size())}, dtype_of<T>}, data.data()};
}

/// Weights with two states; sgd uses the first.
template <class T>
struct Trained {
  std::vector<T> w, m, v;
  explicit Trained(std::vector<T> start) : w(std::move(start)), m(w.size()), v(w.size()) {}

  /// Whether this processor runs the kernel.
  bool runs(const Kernel& kernel) { return !kernel.supports || kernel.supports(std::vector{view(w).desc}, {}); }

  void step(const Op& op, const Kernel& kernel, std::vector<T>& g, std::vector<float> hyper) {
    std::vector<View> in{view(w), view(g), view(m)}, out{view(w), view(m)};
    if (&op != &sgd_update_op) {
      in.push_back(view(v));
      out.push_back(view(v));
    }
    in.push_back(view(hyper));
    kernel.run({in, out, {}, nullptr, cpu_backend().stream()});
  }
};

struct Optimizer {
  const Op* op;
  std::vector<float> hyper;
};

Optimizer optimizer_of(const std::string& name, const json& s, int step) {
  const float rate = s["learning_rate"];
  if (name == "sgd") return {&sgd_update_op, {rate, s["momentum"], s["nesterov"].get<bool>() ? 1.0f : 0.0f}};
  if (name == "rmsprop") return {&rmsprop_update_op, {rate, s["rho"], s["epsilon"], s["momentum"]}};
  return {&adam_update_op,
          {rate, s["beta_1"], s["beta_2"], s["epsilon"], static_cast<float>(step),
           s.value("weight_decay", 0.0f)}};
}

std::vector<float> drawn(const char* name, size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = 2 * random_uniform(fnv1a64(name), i) - 1;
  return values;
}

}  // namespace

TEST_CASE("five steps of each optimiser end where Keras's end, on every kernel") {
  std::ifstream file(LINEAMENT_SOURCE_DIR "/tests/goldens/optimizers.json");
  const json goldens = json::parse(file);
  const auto start = goldens["start"].get<std::vector<float>>();
  auto gradients = goldens["gradients"].get<std::vector<std::vector<float>>>();
  int compared = 0;
  for (const json& golden : goldens["steps"]) {
    const std::string name = golden["optimizer"];
    CAPTURE(name);
    CAPTURE(golden["settings"].dump());
    const Op* op = optimizer_of(name, golden["settings"], 1).op;
    for (KernelList kernel = op->cpu; kernel->name; ++kernel) {
      CAPTURE(kernel->name);
      Trained<float> trained(start);
      if (!trained.runs(*kernel)) continue;
      for (size_t t = 0; t < gradients.size(); ++t) {
        const Optimizer optimizer = optimizer_of(name, golden["settings"], static_cast<int>(t) + 1);
        trained.step(*op, *kernel, gradients[t], optimizer.hyper);
        const auto expected = golden["values"][t].get<std::vector<float>>();
        for (size_t i = 0; i < start.size(); ++i) CHECK(std::abs(trained.w[i] - expected[i]) < 2e-7);
      }
      ++compared;
    }
  }
  CHECK(compared >= 14);  // seven settings, the reference and a fast kernel at the least
}

TEST_CASE("optimiser kernels agree with the reference in double on a size past one chunk") {
  const std::vector<Optimizer> optimizers{{&sgd_update_op, {0.01f, 0.9f, 1}},
                                          {&adam_update_op, {1e-3f, 0.9f, 0.999f, 1e-7f, 7, 0.01f}},
                                          {&rmsprop_update_op, {1e-3f, 0.9f, 1e-7f, 0.5f}}};
  const std::vector<float> start = drawn("w", 16411);
  std::vector<float> g = drawn("g", start.size());
  std::vector<double> exact_g(g.begin(), g.end());
  for (const Optimizer& optimizer : optimizers) {
    KernelList reference = optimizer.op->cpu;
    while (reference[1].name) ++reference;
    Trained<double> exact(std::vector<double>(start.begin(), start.end()));
    for (int t = 0; t < 3; ++t) exact.step(*optimizer.op, *reference, exact_g, optimizer.hyper);
    for (KernelList kernel = optimizer.op->cpu; kernel->name; ++kernel) {
      CAPTURE(kernel->name);
      Trained<float> trained(start);
      if (!trained.runs(*kernel)) continue;
      for (int t = 0; t < 3; ++t) trained.step(*optimizer.op, *kernel, g, optimizer.hyper);
      double worst = 0, worst_state = 0;
      for (size_t i = 0; i < g.size(); ++i) {
        worst = std::max(worst, std::abs(trained.w[i] - exact.w[i]));
        worst_state =
            std::max({worst_state, std::abs(trained.m[i] - exact.m[i]), std::abs(trained.v[i] - exact.v[i])});
      }
      CHECK(worst < 5e-7);
      CHECK(worst_state < 5e-7);
      CHECK(trained.w != start);
    }
  }
}

TEST_CASE("an optimiser update runs on flat buffers outside any graph") {
  std::vector<float> w{1, 2, 3}, g{1, -1, 0}, m(3), hyper{0.5f, 0, 0};
  const std::vector<View> in{view(w), view(g), view(m), view(hyper)}, out{view(w), view(m)};
  run_op(cpu_backend(), sgd_update_op, in, out, {});
  CHECK(w == std::vector<float>{0.5f, 2.5f, 3});
}

TEST_CASE("an op outside any graph is refused where its shapes are not what its formula wants") {
  std::vector<float> w{1, 2, 3}, g{1, -1, 0}, m(3), short_m(2), hyper{0.5f, 0, 0}, six(6);
  const auto run = [](std::vector<View> in, std::vector<View> out) { run_op(cpu_backend(), sgd_update_op, in, out, {}); };
  CHECK_NOTHROW(run({view(w), view(g), view(m), view(hyper)}, {view(w), view(m)}));
  CHECK_THROWS_WITH_AS(run({view(w), view(g), view(m), view(six)}, {view(w), view(m)}),
                       doctest::Contains("settings f32 [6], expected f32 [3]"), std::logic_error);
  CHECK_THROWS_AS(run({view(w), view(g), view(short_m), view(hyper)}, {view(w), view(short_m)}), std::logic_error);
  CHECK_THROWS_WITH_AS(run({view(w), view(g), view(m), view(hyper)}, {view(w)}),
                       doctest::Contains("sgd_update: 1 outputs, expected 2"), std::logic_error);
  CHECK_THROWS_WITH_AS(run({view(w), view(g), view(m), view(hyper)}, {view(w), view(short_m)}),
                       doctest::Contains("sgd_update: output 1 is"), std::logic_error);
}
