// A row of op_cases.h made runnable: the op between its inputs, drawn from their names, and a loss.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "tensor/autograd.h"
#include "tensor/program.h"
#include "tests/op_cases.h"

namespace lineament::test {

inline std::vector<OpCase> all_cases() {
  std::vector<OpCase> cases = spatial_cases();
  for (OpCase& c : elementwise_cases()) cases.push_back(std::move(c));
  return cases;
}

/// An op between its inputs and a scalar loss, the distance of its output from a random target.
template <class T>
struct OpTrial {
  Graph graph;
  std::vector<Value> inputs;
  Value target, mask, y, loss;
  std::vector<Value> gradients;  // of each input, empty where none is wanted
  std::unique_ptr<Program> program;
  const OpCase& row;

  explicit OpTrial(const OpCase& c, const ProgramOptions& options, bool differentiate = true,
                   Backend& backend = cpu_backend())
      : row(c) {
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
    build_program(options, backend);
  }

  /// Anew, where values were kept since.
  void build_program(const ProgramOptions& options, Backend& backend = cpu_backend()) {
    program = std::make_unique<Program>(graph, backend, Buffers{}, options);
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

}  // namespace lineament::test
