#include "tests/cuda/network_nodes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>

#include "base/random.h"
#include "kernels/cpu/parallel.h"
#include "kernels/elementwise_ops.h"
#include "tests/cuda/limits.h"

namespace lineament::test {
namespace {

constexpr double kTf32Products = 1e-3;  // factors of 10 bits
constexpr int64_t kPart = 1 << 16;      // elements that one thread goes through
constexpr float kMove = 1.0f / 64;  // of inputs, to see what cancels: far more than the CPU's own rounding

/// Memory on the host that is given out again for the next node.
class Pool {
 public:
  void start_again() { next_ = 0; }
  void* give(size_t bytes) {
    if (next_ == memory_.size()) memory_.emplace_back(cpu_backend());
    Memory& memory = memory_[next_++];
    if (memory.bytes() < bytes) memory.resize(bytes);
    return memory.data();
  }
  View give(const Desc& desc) { return {desc, give(desc.bytes())}; }

 private:
  std::deque<Memory> memory_;
  size_t next_ = 0;
};

Desc widened(const Desc& desc) { return {desc.shape, desc.dtype == DType::bf16 ? DType::f32 : desc.dtype}; }

/// A device's tensor on the host, bf16 as f32.
View fetch(Backend& backend, const View& on_device, Pool& pool) {
  const View host = pool.give(on_device.desc);
  backend.copy_out(host.data, on_device.data, on_device.desc.bytes());
  if (on_device.desc.dtype != DType::bf16) return host;
  const View wide = pool.give(widened(on_device.desc));
  const std::span<bfloat16> from = host.span<bfloat16>();
  const std::span<float> to = wide.span<float>();
  parallel_ranges(static_cast<int64_t>(to.size()), kPart, [&](int64_t begin, int64_t end) {
    std::copy(&from[0] + begin, &from[0] + end, &to[0] + begin);
  });
  return wide;
}

bool is_product(const Op& op) {
  const std::string_view name = op.name;
  return name.starts_with("conv2d") || name.starts_with("dense");
}

/// Kernels that pack their weights multiply with them in the type of the pictures.
void round_packed_weights(const Program::Step& step, const std::vector<View>& in) {
  if (!step.kernel->packing.pack || step.in[0].desc.dtype != DType::bf16) return;
  for (float& w : in[1].span<float>()) w = static_cast<float>(bfloat16(w));
}

const Kernel& first_cpu_kernel(const Op& op, std::span<const Desc> descs, const Params& params) {
  KernelList kernel = op.cpu;
  while (kernel->supports && !kernel->supports(descs, params)) ++kernel;
  check(kernel->name, "{}: no kernel on the CPU", op.name);
  return *kernel;
}

/// What the CPU makes of these inputs.
std::vector<View> compute(const Program::Step& step, const std::vector<View>& in, Pool& pool) {
  std::vector<View> out;
  if (step.op == &cast_op) return in;
  std::vector<Desc> descs;
  for (const View& view : in) descs.push_back(view.desc);
  for (const View& view : step.out) {
    descs.push_back(widened(view.desc));
    out.push_back(pool.give(descs.back()));
  }
  const Kernel& kernel = first_cpu_kernel(*step.op, descs, step.params);
  void* workspace = kernel.workspace ? pool.give(kernel.workspace(descs, step.params)) : nullptr;
  kernel.run({in, out, step.params, workspace, cpu_backend().stream()});
  return out;
}

/// Each element of a picture or row larger or smaller by kMove; vectors stay.
std::vector<View> moved(const std::vector<View>& in, Pool& pool) {
  std::vector<View> all;
  for (size_t tensor = 0; tensor < in.size(); ++tensor) {
    const View& view = in[tensor];
    if (view.desc.dtype != DType::f32 || view.shape().rank() < 2) {
      all.push_back(view);
      continue;
    }
    const View copy = pool.give(view.desc);
    const std::span<float> from = view.span<float>(), to = copy.span<float>();
    for (size_t i = 0; i < to.size(); ++i)
      to[i] = from[i] * (random_bits(stream_key(7, tensor), i) >> 63 ? 1 + kMove : 1 - kMove);
    all.push_back(copy);
  }
  return all;
}

struct Norms {
  double difference, exact;
};

template <class T>
Norms norms_of(std::span<const T> got, std::span<const T> exact) {
  const auto total = static_cast<int64_t>(got.size());
  std::vector<Norms> parts(static_cast<size_t>((total + kPart - 1) / kPart));
  parallel_ranges(total, kPart, [&](int64_t begin, int64_t end) {
    double difference = 0, norm = 0;
    for (int64_t i = begin; i < end; ++i) {
      const double x = got[i], expected = exact[i];
      difference += (x - expected) * (x - expected);
      norm += expected * expected;
    }
    parts[begin / kPart] = {difference, norm};
  });
  Norms all{0, 0};
  for (const Norms& part : parts) all = {all.difference + part.difference, all.exact + part.exact};
  return {std::isfinite(all.difference) ? std::sqrt(all.difference) : INFINITY, std::sqrt(all.exact)};
}

Norms norms_of(const View& got, const View& exact) {
  if (got.desc.dtype == DType::u8) return norms_of<uint8_t>(got.span<uint8_t>(), exact.span<uint8_t>());
  return norms_of<float>(got.span<float>(), exact.span<float>());
}

double limit_of(const Program::Step& step, DType out, Precision precision) {
  const bool narrow = step.in[0].desc.dtype == DType::bf16;
  const double limit = test::limit_of(step.kernel->name, narrow, out);
  return is_product(*step.op) && !narrow && precision != Precision::f32 ? std::max(limit, kTf32Products)
                                                                        : limit;
}

}  // namespace

NetworkNodes compare_with_cpu(const Program& program, Backend& backend, Precision precision) {
  NetworkNodes found;
  Pool pool;
  for (const Program::Step& step : program.steps()) {
    pool.start_again();
    std::vector<View> in;
    for (const View& view : step.in)
      in.push_back(fetch(backend, view, pool));  // before a node writes in their place
    program.run_step(step);
    round_packed_weights(step, in);
    const std::vector<View> exact = compute(step, in, pool);
    std::vector<View> otherwise;  // by moved inputs, where somebody asks
    for (size_t i = 0; i < exact.size(); ++i) {
      const Norms norms = norms_of(fetch(backend, step.out[i], pool), exact[i]);
      if (norms.exact == 0 && norms.difference == 0) continue;
      NodeDistance node{fmt::format("{} ({}) output {}", step.label, step.kernel->name, i),
                        norms.exact > 0 ? norms.difference / norms.exact : INFINITY,
                        limit_of(step, step.out[i].desc.dtype, precision)};
      if (node.share() >= 1 && exact[i].desc.dtype == DType::f32) {
        if (otherwise.empty()) otherwise = compute(step, moved(in, pool), pool);
        const double terms = norms_of(otherwise[i], exact[i]).difference / kMove;
        if (terms > 2 * norms.exact) {
          node.distance = norms.difference / terms;
          ++found.cancelling;
        }
      }
      ++found.outputs;
      if (node.share() >= 1) found.beyond.push_back(node);
      if (found.worst.name.empty() || node.share() > found.worst.share()) found.worst = node;
    }
  }
  return found;
}

}  // namespace lineament::test
