#include "bench/trial.h"

#include <algorithm>
#include <array>

#include "base/random.h"
#include "kernels/ops.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

bool is_update(const Work& work) { return pass_of(work) == "update"; }

/// Settings of an optimiser in the order of kernels/ops.h: rates and decays that keep the weights in range.
std::vector<float> hyper_of(const Work& work) {
  if (work.op == &sgd_update_op) return {1e-3f, 0.9f, 0};
  if (work.op == &rmsprop_update_op) return {1e-3f, 0.9f, 1e-7f, 0.9f};
  return {1e-3f, 0.9f, 0.999f, 1e-7f, 100, 0};
}

/// Where random pictures have their maxima; `pool` is the gradient's own window.
std::vector<uint8_t> argmax_of(const Work& work) {
  Graph graph;
  const Value x = graph.input(work.out[0], "x");
  const std::vector<Value> pooled = graph.apply(max_pool_op, {x}, work.params);
  graph.keep(pooled[1]);
  Program program(graph, cpu_backend(), {});
  std::vector<float> pictures(work.out[0].elements());
  fill_randomly(pictures, -1, 1);
  program.feed<float>(x, pictures);
  program.run();
  return program.read<uint8_t>(pooled[1]);
}

void fill(const Work& work, size_t input, const View& view) {
  const Desc& desc = view.desc;
  if (desc.dtype == DType::u64) {
    std::ranges::copy(std::array<uint64_t, 2>{11, 3}, view.as<uint64_t>());
  } else if (desc.dtype == DType::u8) {
    check(work.op == &max_pool_dx_op, "{}: bytes that bench knows no values for", work.op->name);
    std::ranges::copy(argmax_of(work), view.as<uint8_t>());
  } else if (is_update(work) && input + 1 == work.in.size()) {
    std::ranges::copy(hyper_of(work), view.as<float>());
  } else {
    const bool positive = desc.shape.rank() < 2;  // scales, variances, an optimiser's squares
    fill_randomly(view.span<float>(), positive ? 0.5f : -1.0f, positive ? 1.5f : 1.0f);
  }
}

}  // namespace

std::vector<const Kernel*> kernels_for(const Work& work) {
  std::vector<const Kernel*> kernels;
  const std::vector<Desc> descs = work.descs();
  for (KernelList k = cpu_backend().kernels(*work.op); k && k->name; ++k)
    if (!k->supports || k->supports(descs, work.params)) kernels.push_back(k);
  return kernels;
}

void fill_randomly(std::span<float> data, float low, float high) {
  constexpr size_t kPeriod = 65'537;
  const size_t drawn = std::min(data.size(), kPeriod);
  for (size_t i = 0; i < drawn; ++i) data[i] = low + (high - low) * random_uniform(1, i);
  for (size_t at = drawn; at < data.size(); at += kPeriod)
    std::copy_n(data.begin(), std::min(kPeriod, data.size() - at), data.begin() + std::ptrdiff_t(at));
}

Trial::Set Trial::new_set() const {
  Set set;
  const auto add = [&](const Desc& desc) {
    set.memory.emplace_back(cpu_backend(), desc.bytes());
    return View{desc, set.memory.back().data()};
  };
  for (size_t i = 0; i < work_.in.size(); ++i) {
    set.in.push_back(add(work_.in[i]));
    fill(work_, i, set.in[i]);
  }
  if (is_update(work_)) {  // w and the states in their own place: out w m v, in w g m v
    set.out.push_back(set.in[0]);
    for (size_t i = 1; i < work_.out.size(); ++i) set.out.push_back(set.in[i + 1]);
    return set;
  }
  for (const Desc& desc : work_.out) set.out.push_back(add(desc));
  return set;
}

Trial::Trial(const Work& work, const Kernel& kernel)
    : work_(work),
      kernel_(kernel),
      workspace_(cpu_backend(), kernel.workspace ? kernel.workspace(work.descs(), work.params) : 0) {
  const size_t count = bytes_of(work) > kBeyondCaches ? 1 : 2;
  while (sets_.size() < count) sets_.push_back(new_set());
}

void Trial::run() {
  const Set& set = sets_[next_++ % sets_.size()];
  kernel_.run({set.in, set.out, work_.params, workspace_.data(), cpu_backend().stream()});
}

}  // namespace lineament
