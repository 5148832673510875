// Spatial ops and their gradients against Keras (tests/goldens/ops.json, made by
// tests/reference/op_goldens.py).
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "tensor/autograd.h"
#include "tensor/program.h"
#include "tests/support.h"

#include "kernels/ops.h"

using namespace lineament;
using nlohmann::json;

namespace {

Shape shape_of(const json& j) {
  std::vector<int64_t> d = j.at("shape");
  switch (d.size()) {
    case 1:
      return {d[0]};
    case 2:
      return {d[0], d[1]};
    case 4:
      return {d[0], d[1], d[2], d[3]};
  }
  throw std::runtime_error("ops.json: a shape of rank " + std::to_string(d.size()));
}

template <class T>
std::vector<T> drawn(const std::string& name, size_t count, double low, double high) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<T>(low + (high - low) * double{random_uniform(fnv1a64(name), i)});
  return values;
}

Padding padding_of(const json& j) {
  if (j == "same") return Padding::same();
  if (j == "valid") return Padding::valid();
  return Padding::given(j[0], j[1], j[2], j[3]);
}

using Inputs = std::map<std::string, Value>;
using Build = Value (*)(const Inputs&, const json& params);

Value bias_of(const Inputs& in) { return in.contains("bias") ? in.at("bias") : Value{}; }
Conv2dOptions conv_options(const json& p) {
  return {.stride = p["stride"], .padding = padding_of(p["padding"])};
}
PoolOptions pool_options(const json& p) {
  return {.size = p["size"], .stride = p["stride"], .padding = padding_of(p["padding"])};
}

const std::map<std::string, Build> kBuild = {
    {"conv2d", [](const Inputs& in,
                  const json& p) { return conv2d(in.at("x"), in.at("w"), bias_of(in), conv_options(p)); }},
    {"depthwise_conv2d",
     [](const Inputs& in, const json& p) {
       return depthwise_conv2d(in.at("x"), in.at("w"), bias_of(in), conv_options(p));
     }},
    {"dense", [](const Inputs& in, const json&) { return dense(in.at("x"), in.at("w"), bias_of(in)); }},
    {"upsample", [](const Inputs& in, const json&) { return upsample(in.at("x")); }},
    {"max_pool", [](const Inputs& in, const json& p) { return max_pool(in.at("x"), pool_options(p)); }},
    {"average_pool",
     [](const Inputs& in, const json& p) { return average_pool(in.at("x"), pool_options(p)); }},
    {"global_average_pool", [](const Inputs& in, const json&) { return global_average_pool(in.at("x")); }},
};

double relative_distance(const auto& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double difference = 0, norm = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{got[i]} - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  return std::sqrt(difference / norm);
}

template <class T>
void compare(const json& golden, const ProgramOptions& options, double tolerance) {
  Graph graph;
  Inputs in;
  for (const auto& [name, source] : golden["inputs"].items())
    in[name] = graph.input({shape_of(source), dtype_of<T>}, name, true);
  Value y = kBuild.at(golden["op"])(in, golden["params"]);
  graph.keep(y);

  const Node node = graph.nodes().back();
  Value dy = graph.input(y.desc(), "dy");
  std::vector<Value> dy_of_outputs(node.out.size());
  dy_of_outputs[0] = dy;
  Grad grad(graph, node, dy_of_outputs);
  node.op->grad(grad);
  for (Value dx : grad.dx()) graph.keep(dx);

  Program program(graph, cpu_backend(), {}, options);
  for (const auto& [name, source] : golden["inputs"].items()) {
    auto values =
        drawn<T>(source["seed_name"], in[name].desc().elements(), source["range"][0], source["range"][1]);
    program.feed<T>(in[name], values);
  }
  program.feed<T>(dy, drawn<T>(golden["dy_name"], dy.desc().elements(), -1, 1));
  program.run();

  CHECK(y.shape() == shape_of(golden["outputs"]["y"]));
  CHECK(relative_distance(program.read<T>(y), golden["outputs"]["y"]["values"]) < tolerance);
  for (size_t i = 0; i < node.in.size(); ++i) {
    std::string name = graph.values()[node.in[i]].name;
    CAPTURE(name);
    const json& expected = golden["gradients"].at("d" + name);
    CHECK(relative_distance(program.read<T>(grad.dx()[i]), expected["values"]) < tolerance);
  }
}

}  // namespace

TEST_CASE("convolutions, dense layers, upsampling and pools give Keras's outputs and gradients") {
  const auto goldens =
      json::parse(test::read_text(test::fs::path(LINEAMENT_SOURCE_DIR) / "tests/goldens/ops.json"));
  int compared = 0;
  for (const json& golden : goldens) {
    if (!kBuild.contains(golden["op"])) continue;
    CAPTURE(golden["op"].get<std::string>());
    CAPTURE(golden["params"].dump());
    compare<double>(golden, {.reference = true}, 1e-9);
    compare<float>(golden, {}, 2e-6);
    ++compared;
  }
  CHECK(compared >= 20);
}
