// Filters kept packed from run to run: the same answers, and never those of yesterday's weights.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "base/random.h"
#include "kernels/ops.h"
#include "layers/parameters.h"

using namespace lineament;

namespace {

struct Shapes {
  const char* name;
  Shape x, w;
  bool packs;  // wherever registers are wide
};

const Shapes kShapes[] = {
    {"1x1, two panels, few rows", {1, 3, 3, 40}, {1, 1, 40, 130}, true},
    {"1x1, many rows", {2, 13, 11, 24}, {1, 1, 24, 72}, true},
    {"3x3, tiles of Winograd", {2, 12, 12, 32}, {3, 3, 32, 48}, true},
    {"3x3, tiles of another size", {3, 6, 6, 48}, {3, 3, 48, 32}, true},
    {"3x3 with so few channels that nothing is packed", {2, 9, 7, 1}, {3, 3, 1, 5}, false},
};

std::vector<float> drawn(size_t n, uint64_t key) {
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = random_uniform(key, i) - 0.5f;
  return values;
}

/// One convolution with a bias, its filter among the parameters.
struct Convolution {
  Graph graph;
  Value x, y;
  std::unique_ptr<Program> program;

  Convolution(const Shapes& shapes, Parameters& parameters, bool keep_packed) {
    x = graph.input({shapes.x}, "x");
    const auto value = [&](const char* name, const Shape& shape) {
      const Parameter& p = parameters.declare(name, shape, Home::parameters, {Init::zeros});
      return graph.parameter(p.desc, p.home, p.offset, p.home == Home::parameters, p.name);
    };
    const Value w = value("kernel", shapes.w), bias = value("bias", {shapes.w[3]});
    y = conv2d(x, w, bias);
    graph.keep(y);
    if (!parameters.buffers(false).parameters) parameters.allocate(1);
    program = std::make_unique<Program>(graph, cpu_backend(), parameters.buffers(false),
                                        ProgramOptions{.keep_packed = keep_packed});
  }
  std::vector<float> answer(const std::vector<float>& pictures) {
    program->feed<float>(x, pictures);
    program->run();
    return program->read(y);
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(double(a[i]) - b[i]));
  return most;
}

}  // namespace

TEST_CASE("a program that keeps its filters packed answers as one that does not, before and after they change") {
  for (const Shapes& shapes : kShapes) {
    CAPTURE(shapes.name);
    Parameters parameters(cpu_backend());
    Convolution plain(shapes, parameters, false), keeping(shapes, parameters, true);
    if (plain.program->kernel_names()[0].find("avx") != std::string::npos)
      CHECK((keeping.program->packed_bytes() > 0) == shapes.packs);
    CHECK(plain.program->packed_bytes() == 0);
    const auto pictures = drawn(shapes.x.elements(), 7);
    const Parameter& kernel = *parameters.find("kernel");
    for (uint64_t weights : {1, 2}) {
      parameters.write(kernel, drawn(kernel.desc.elements(), weights));
      const auto expected = plain.answer(pictures);
      CHECK(largest_difference(keeping.answer(pictures), expected) < 1e-5);
      CHECK(largest_difference(keeping.answer(pictures), expected) < 1e-5);
    }
    const auto before = keeping.answer(pictures);
    for (float& v : parameters.flat_values().span<float>()) v *= 2;  // as an optimiser writes
    parameters.changed();
    const auto after = keeping.answer(pictures);
    CHECK(largest_difference(after, before) > 0.1);
    CHECK(largest_difference(after, plain.answer(pictures)) < 1e-5);
  }
}
