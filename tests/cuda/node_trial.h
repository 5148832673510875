// One node of a row on its own: its CUDA kernels by name, in f32 or with bf16 where its op may be narrow,
// beside its reference in double on the very same inputs. Every tensor and the workspace have guard bytes
// behind them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

#include "tests/op_trial.h"

namespace lineament::test {

/// Bytes of a tensor on the host.
struct HostTensor {
  Desc desc;
  std::vector<std::byte> bytes;

  explicit HostTensor(const Desc& d) : desc(d), bytes(d.bytes()) {}
  View view() { return {desc, bytes.data()}; }

  /// The same numbers in another floating type; what does not float stays.
  HostTensor as(DType dtype) const {
    const auto floats = [](DType d) { return d == DType::f32 || d == DType::f64 || d == DType::bf16; };
    if (!floats(desc.dtype) || dtype == desc.dtype) return *this;
    HostTensor other({desc.shape, dtype});
    for (size_t i = 0; i < desc.elements(); ++i) other.set(i, get(i));
    return other;
  }
  double get(size_t i) const {
    switch (desc.dtype) {
      case DType::f32:
        return at<float>(i);
      case DType::f64:
        return at<double>(i);
      case DType::bf16:
        return static_cast<float>(at<bfloat16>(i));
      case DType::u8:
        return at<uint8_t>(i);
      case DType::u64:
        return static_cast<double>(at<uint64_t>(i));
    }
    return 0;
  }

 private:
  template <class T>
  T at(size_t i) const {
    T x;
    std::memcpy(&x, bytes.data() + i * sizeof(T), sizeof(T));
    return x;
  }
  void set(size_t i, double x) {
    const auto store = [&](auto value) {
      std::memcpy(bytes.data() + i * sizeof(value), &value, sizeof(value));
    };
    if (desc.dtype == DType::f64) store(x);
    if (desc.dtype == DType::f32) store(static_cast<float>(x));
    if (desc.dtype == DType::bf16) store(bfloat16(static_cast<float>(x)));
  }
};

/// Memory on a backend with a guard behind it, poisoned.
class Guarded {
 public:
  Guarded(Backend& backend, size_t bytes)
      : backend_(backend), bytes_(bytes), memory_(backend, bytes + kGuard) {
    backend.fill(memory_.data(), kPoison, bytes + kGuard);
  }
  void* data() const { return memory_.data(); }
  bool intact() const {
    unsigned char guard[kGuard];
    backend_.copy_out(guard, static_cast<std::byte*>(memory_.data()) + bytes_, kGuard);
    for (unsigned char byte : guard)
      if (byte != kPoison) return false;
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr int kPoison = 0xFF;  // as floats: NaN
  Backend& backend_;
  size_t bytes_;
  Memory memory_;
};

struct NodeTrial {
  const Op& op;
  const Params params;
  std::vector<HostTensor> in;     // as the device gets them
  std::vector<Desc> out;          // as the device writes them
  std::vector<HostTensor> exact;  // the reference's outputs, f64

  /// Input number `settings`, if there is one, is f32 in the reference too.
  NodeTrial(const Op& o, const Params& p, const std::vector<HostTensor>& inputs,
            const std::vector<Desc>& outputs, bool bf16 = false, int settings = -1)
      : op(o), params(p.with(numerics_of(bf16 ? Precision::bf16 : Precision::f32, false))) {
    const auto dtype = [&](const Desc& d, unsigned narrow, size_t i) {
      return bf16 && d.dtype == DType::f32 && d.shape.rank() >= 2 && (narrow >> i & 1) ? DType::bf16
                                                                                       : d.dtype;
    };
    std::vector<HostTensor> wide;
    std::vector<View> wide_in, wide_out;
    for (size_t i = 0; i < inputs.size(); ++i) {
      in.push_back(inputs[i].as(dtype(inputs[i].desc, op.narrow_in, i)));
      wide.push_back(in.back().as(static_cast<int>(i) == settings ? DType::f32 : DType::f64));
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      out.push_back({outputs[i].shape, dtype(outputs[i], op.narrow_out, i)});
      exact.emplace_back(
          Desc{outputs[i].shape, outputs[i].dtype == DType::f32 ? DType::f64 : outputs[i].dtype});
    }
    for (HostTensor& t : wide) wide_in.push_back(t.view());
    for (HostTensor& t : exact) wide_out.push_back(t.view());
    KernelList reference = op.cpu;
    while (reference[1].name) ++reference;
    reference->run({wide_in, wide_out, params, nullptr, cpu_backend().stream()});
  }

  bool narrow() const {
    const auto is_bf16 = [](const auto& desc) { return desc.dtype == DType::bf16; };
    for (const HostTensor& t : in)
      if (is_bf16(t.desc)) return true;
    return std::any_of(out.begin(), out.end(), is_bf16);
  }
  std::vector<Desc> descs() const {
    std::vector<Desc> all;
    for (const HostTensor& t : in) all.push_back(t.desc);
    all.insert(all.end(), out.begin(), out.end());
    return all;
  }
  bool takes(const Kernel& kernel) const {
    return !kernel.supports || kernel.supports(descs(), params);
  }
  bool can_run_in_place() const {
    return op.inplace >= 0 && in[static_cast<size_t>(op.inplace)].bytes.size() == out[0].bytes();
  }

  /// What the kernel writes; a failed check names a guard that was written over.
  std::vector<HostTensor> run(Backend& backend, const Kernel& kernel, bool in_place) const {
    std::vector<Guarded> memory;
    memory.reserve(in.size() + out.size());
    std::vector<View> device_in, device_out;
    for (const HostTensor& t : in) {
      memory.emplace_back(backend, t.bytes.size());
      backend.copy_in(memory.back().data(), t.bytes.data(), t.bytes.size());
      device_in.push_back({t.desc, memory.back().data()});
    }
    for (size_t i = 0; i < out.size(); ++i) {
      const bool shared = in_place && i == 0;
      if (!shared) memory.emplace_back(backend, out[i].bytes());
      device_out.push_back(
          {out[i], shared ? device_in[static_cast<size_t>(op.inplace)].data : memory.back().data()});
    }
    const Guarded workspace(backend, kernel.workspace ? kernel.workspace(descs(), params) : 0);
    kernel.run({device_in, device_out, params, workspace.data(), backend.stream()});
    std::vector<HostTensor> results;
    for (const View& view : device_out) {
      results.emplace_back(view.desc);
      backend.copy_out(results.back().bytes.data(), view.data, view.desc.bytes());
    }
    for (size_t i = 0; i < memory.size(); ++i)
      check(memory[i].intact(), "{} wrote past the end of its tensor {}", kernel.name, i);
    check(workspace.intact(), "{} wrote past the end of its workspace", kernel.name);
    return results;
  }

  /// |got - exact| / |exact| over all elements of output i; infinite where one is not finite.
  double distance(const std::vector<HostTensor>& got, size_t i) const {
    double difference = 0, norm = 0;
    for (size_t e = 0; e < out[i].elements(); ++e) {
      const double x = got[i].get(e), expected = exact[i].get(e);
      if (!std::isfinite(x)) return INFINITY;
      difference += (x - expected) * (x - expected);
      norm += expected * expected;
    }
    return std::sqrt(difference) / (std::sqrt(norm) + 1e-12);
  }
};

/// The live nodes of a row, forward and backward, with inputs as they come out of the reference.
inline std::vector<NodeTrial> node_trials(const OpCase& row, bool bf16) {
  OpTrial<float> trial(row, {.reference = true});
  const auto& values = trial.graph.values();
  for (size_t id = 0; id < values.size(); ++id)
    if (values[id].home == Home::arena) trial.graph.keep({&trial.graph, static_cast<int>(id)});
  trial.build_program({.reference = true});
  trial.program->run();
  std::vector<NodeTrial> nodes;
  for (const Node& node : live_nodes(trial.graph)) {
    std::vector<HostTensor> in;
    std::vector<Desc> out;
    for (int id : node.in) {
      const Value value{&trial.graph, id};
      HostTensor& t = in.emplace_back(value.desc());
      const auto read = [&]<class T>(T) { trial.program->read<T>(value, t.view().span<T>()); };
      if (t.desc.dtype == DType::f32) read(float{});
      if (t.desc.dtype == DType::u8) read(uint8_t{});
      if (t.desc.dtype == DType::u64) read(uint64_t{});
    }
    for (int id : node.out) out.push_back(values[static_cast<size_t>(id)].desc);
    nodes.emplace_back(*node.op, node.params, in, out, bf16);
  }
  return nodes;
}

}  // namespace lineament::test
