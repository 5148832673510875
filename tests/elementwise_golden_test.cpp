// The elementwise and normalisation ops against Keras (tests/reference/op_goldens.py), values and gradients.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "kernels/ops.h"
#include "tensor/autograd.h"
#include "tensor/program.h"

using namespace lineament;
using nlohmann::json;

namespace {

using Inputs = std::map<std::string, Value>;

Activation activation_named(const std::string& name) {
  const std::map<std::string, Activation> kinds{{"none", Activation::none}, {"relu", Activation::relu}};
  return kinds.at(name);
}

/// Emits the op of a golden; empty for ops that are tested elsewhere.
Value emit(const std::string& op, const json& params, Inputs& in) {
  if (op == "relu") return relu(in["x"]);
  if (op == "relu6") return relu6(in["x"]);
  if (op == "leaky_relu") return leaky_relu(in["x"], params["slope"]);
  if (op == "swish") return swish(in["x"]);
  if (op == "sigmoid") return sigmoid(in["x"]);
  if (op == "softmax") return softmax(in["x"]);
  if (op == "multiply") return multiply(in["x"], in["a"]);
  if (op == "mean_squared_error") return mean_squared_error(in["prediction"], in["target"], in["mask"]);
  if (op == "cross_entropy") return cross_entropy(in["prediction"], in["target"], in["mask"]);
  if (op == "batch_norm_train" || op == "batch_norm_infer") {
    const BatchNormOptions options{.epsilon = params["epsilon"],
                                   .momentum = params["momentum"],
                                   .activation = activation_named(params["activation"])};
    const auto build = op == "batch_norm_train" ? batch_norm_train_fold : batch_norm_infer;
    return build(in["x"], in["gamma"], in["beta"], in["running_mean"], in["running_variance"], options,
                 in["residual"]);
  }
  return {};
}

Shape shape_of(const json& dims) {
  switch (dims.size()) {
    case 0:
      return {};
    case 1:
      return {dims[0]};
    case 2:
      return {dims[0], dims[1]};
    default:
      return {dims[0], dims[1], dims[2], dims[3]};
  }
}

template <class T>
std::vector<T> drawn(const std::string& seed_name, size_t count, double low, double high) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<T>(low + (high - low) * (random_bits(fnv1a64(seed_name), i) >> 40) * 0x1p-24);
  return values;
}

template <class T>
std::vector<T> values_of(const json& source) {
  if (source.contains("values")) return source["values"].get<std::vector<T>>();
  return drawn<T>(source["seed_name"], shape_of(source["shape"]).elements(), source["range"][0],
                  source["range"][1]);
}

/// The largest difference, relative to the largest value expected.
template <class T>
double distance(const std::vector<T>& got, const json& golden) {
  const auto expected = golden["values"].get<std::vector<double>>();
  REQUIRE(got.size() == expected.size());
  double difference = 0, largest = 1e-30;
  for (size_t i = 0; i < got.size(); ++i) {
    REQUIRE(std::isfinite(got[i]));
    difference = std::max(difference, std::abs(got[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference / largest;
}

/// Whether the golden is one of ours; checks it if so.
template <class T>
bool compare(const json& golden, const ProgramOptions& options, double tolerance) {
  const std::string op = golden["op"];
  Graph graph;
  Inputs in;
  for (const auto& [name, source] : golden["inputs"].items())
    in[name] =
        graph.input({shape_of(source["shape"]), dtype_of<T>}, name, golden["gradients"].contains("d" + name));
  if (in.contains("target")) in["mask"] = graph.input(in["target"].desc(), "mask");
  const Value y = emit(op, golden["params"], in);
  if (!y) return false;
  CAPTURE(op);
  CAPTURE(golden["params"].dump());
  graph.keep(y);

  // The op is one node: its own derivative, given dy, is what Keras's tape gives.
  const Node node = graph.nodes().back();
  const Value dy = graph.input(y.desc(), "dy");
  std::vector<Value> dys(node.out.size());
  dys[0] = dy;
  Grad grad(graph, node, dys);
  node.op->grad(grad);
  std::map<std::string, Value> gradients;
  for (size_t i = 0; i < node.in.size(); ++i)
    if (const Value dx = grad.dx()[i]; dx) {
      gradients["d" + graph.values()[node.in[i]].name] = dx;
      graph.keep(dx);
    }

  Program program(graph, cpu_backend(), {}, options);
  for (const auto& [name, source] : golden["inputs"].items()) program.feed<T>(in[name], values_of<T>(source));
  if (in.contains("mask")) program.feed<T>(in["mask"], std::vector<T>(in["mask"].desc().elements(), T(1)));
  const std::vector<T> one{1};
  program.feed<T>(
      dy, golden["dy_name"].is_null() ? one : drawn<T>(golden["dy_name"], y.desc().elements(), -1, 1));
  program.run();

  CHECK(distance(program.read<T>(y), golden["outputs"]["y"]) < tolerance);
  if (op == "batch_norm_train")
    for (const char* moved : {"running_mean", "running_variance"})
      CHECK(distance(program.read<T>(in[moved]), golden["outputs"][moved]) < tolerance);
  for (const auto& [name, expected] : golden["gradients"].items()) {
    CAPTURE(name);
    REQUIRE(gradients.contains(name));
    CHECK(distance(program.read<T>(gradients[name]), expected) < tolerance);
  }
  return true;
}

json read_goldens() {
  std::ifstream file(LINEAMENT_SOURCE_DIR "/tests/goldens/ops.json");
  return json::parse(file);
}

}  // namespace

TEST_CASE("elementwise references in double give Keras's values and gradients") {
  int compared = 0;
  for (const json& golden : read_goldens()) compared += compare<double>(golden, {.reference = true}, 1e-7);
  CHECK(compared >= 17);
}

TEST_CASE("elementwise kernels in float give Keras's values and gradients") {
  int compared = 0;
  for (const json& golden : read_goldens()) compared += compare<float>(golden, {}, 2e-6);
  CHECK(compared >= 17);
}
