#include "bench/work.h"

#include <algorithm>
#include <string_view>

#include "kernels/elementwise_ops.h"
#include "kernels/padding.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

std::string_view op_name(const Work& work) { return work.op->name; }

/// The picture, the filter and the answer of a matrix-like op, whichever pass it is.
struct Operands {
  const Shape &x, &w, &y;
};

Operands operands(const Work& work) {
  const Shape &first = work.in[0].shape, &second = work.in[1].shape, &out = work.out[0].shape;
  const std::string pass = pass_of(work);
  if (pass == "dx") return {out, second, first};
  if (pass == "dw") return {first, out, second};
  return {first, second, out};
}

/// Padding aside, a picture is as many times as large as the answer.
int64_t stride_of(const Shape& x, const Shape& y) { return (x[1] + y[1] / 2) / y[1]; }

/// "24x24x64": all axes but the first, which counts pictures.
std::string dims(const Shape& shape) {
  if (shape.rank() < 2) return std::to_string(shape.elements());
  std::string text;
  for (int axis = 1; axis < shape.rank(); ++axis)
    text += fmt::format("{}{}", axis > 1 ? "x" : "", shape[axis]);
  return text;
}

std::string_view activation_name(Activation kind) {
  constexpr std::string_view names[] = {"none", "relu", "relu6", "leaky_relu", "swish", "sigmoid"};
  return names[static_cast<int>(kind)];
}

/// What the shapes of an op do not tell.
std::string settings(const Work& work) {
  const Op* op = work.op;
  if (op == &batch_norm_train_op || op == &batch_norm_infer_op)
    return fmt::format("{}{} ", activation_name(work.params.as<BatchNormParams>().activation),
                       work.in.size() > 5 ? " + residual" : "");
  if (op == &batch_norm_grad_op)
    return fmt::format("{}{} ", activation_name(work.params.as<BatchNormGradParams>().activation),
                       work.out.size() > 3 ? " + residual" : "");
  if (op == &activate_op || op == &activate_grad_op)
    return fmt::format("{} ", activation_name(work.params.as<ActivationParams>().kind));
  if (op == &max_pool_op || op == &max_pool_dx_op || op == &average_pool_op || op == &average_pool_dx_op) {
    const auto& window = work.params.as<Window>();
    return fmt::format("{}x{}/{} ", window.kh, window.kw, window.stride);
  }
  return "";
}

/// "batch_norm" of "batch_norm_grad".
std::string stem(std::string_view name) {
  for (std::string_view end : {"_grad", "_dx", "_dw", "_train", "_update"})
    if (name.ends_with(end)) return std::string(name.substr(0, name.size() - end.size()));
  return std::string(name);
}

}  // namespace

std::vector<Desc> Work::descs() const {
  std::vector<Desc> all = in;
  all.insert(all.end(), out.begin(), out.end());
  return all;
}

Work work_of(const Graph& graph, const Node& node) {
  Work work{node.op, node.params, {}, {}};
  for (const int id : node.in) work.in.push_back(graph.values()[id].desc);
  for (const int id : node.out) work.out.push_back(graph.values()[id].desc);
  return work;
}

Work work_of(const Program::Step& step) {
  Work work{step.op, step.params, {}, {}};
  for (const View& view : step.in) work.in.push_back(view.desc);
  for (const View& view : step.out) work.out.push_back(view.desc);
  return work;
}

std::string pass_of(const Work& work) {
  const std::string_view name = op_name(work);
  if (name.ends_with("_update")) return "update";
  if (kind_of(work) == Kind::other)
    return name.ends_with("_grad") || name.ends_with("_dx") || name == "channel_sum" ? "backward" : "forward";
  return name.ends_with("_dx") ? "dx" : name.ends_with("_dw") ? "dw" : "forward";
}

std::string name_of(const Work& work) {
  if (kind_of(work) == Kind::other) {
    const std::string in = dims(work.in[0].shape), out = dims(work.out[0].shape);
    return fmt::format("{} {}{}{}", stem(op_name(work)), settings(work), in, in == out ? "" : " to " + out);
  }
  const auto& [x, w, y] = operands(work);
  if (kind_of(work) == Kind::dense) return fmt::format("dense {} to {}", dims(x), dims(y));
  const Activation activation = work.params.as<Window>().activation;
  return fmt::format("{} {}x{}/{} {} to {}{}", stem(op_name(work)), w[0], w[1], stride_of(x, y), dims(x),
                     dims(y),
                     activation == Activation::none ? "" : fmt::format(" + {}", activation_name(activation)));
}

Kind kind_of(const Work& work) {
  const std::string_view name = op_name(work);
  if (name.starts_with("conv2d")) return Kind::convolution;
  if (name.starts_with("depthwise_conv2d")) return Kind::depthwise;
  if (name.starts_with("dense")) return Kind::dense;
  return Kind::other;
}

bool is_3x3_stride_1(const Work& work) {
  if (kind_of(work) != Kind::convolution) return false;
  const auto& [x, w, y] = operands(work);
  return w[0] == 3 && w[1] == 3 && stride_of(x, y) == 1;
}

double flops_of(const Work& work) {
  const Kind kind = kind_of(work);
  if (kind == Kind::other) return 0;
  const auto& [x, w, y] = operands(work);
  const int64_t filters = kind == Kind::depthwise ? w[2] : w[-1];
  return 2.0 * double(y.elements()) * double(w.elements() / size_t(filters));
}

double bytes_of(const Work& work) {
  double bytes = 0;
  for (const Desc& desc : work.descs()) bytes += double(desc.bytes());
  return bytes;
}

Counts count(Program& program) {
  Counts counts;
  program.run([&](const Program::Step& step, double) {
    counts.flops += flops_of(work_of(step));
    ++counts.nodes;
  });
  return counts;
}

}  // namespace lineament
