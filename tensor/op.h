// All that a kernel author sees: an op is a formula with its shapes, its derivative and its kernels, best first.
#pragma once
#include <span>
#include <vector>

#include "tensor/params.h"
#include "tensor/shape.h"

namespace lineament {

class Grad;

/// A tensor in memory. The bytes belong to a Program, a Parameters or the caller.
struct View {
  Desc desc;
  void* data = nullptr;

  const Shape& shape() const { return desc.shape; }
  /// In line wherever it is read: an object for wide registers must not lend its copy to all (kernels/cpu/levels.h).
  template <class T>
  [[gnu::always_inline]] T* as() const {
    check(desc.dtype == dtype_of<T>, "a {} tensor read as {}", name_of(desc.dtype), name_of(dtype_of<T>));
    return static_cast<T*>(data);
  }
  template <class T>
  std::span<T> span() const {
    return {as<T>(), desc.elements()};
  }
};

/// The order in which a backend runs its kernels; on CUDA it holds the stream and the library handles.
struct Stream {
  void* handle = nullptr;  // CUDA's is a CudaContext (kernels/cuda/context.h)
};

struct Call {
  std::span<const View> in, out;
  const Params& params;
  void* workspace;  // as many bytes as Kernel::workspace asked for; shared by all kernels of a program's lane
  Stream& stream;
  const void* packed = nullptr;  // what Packing made of the parameters; null: the kernel sees to it in its workspace
};

struct PackCall {
  Call call;
  void* to;
};

/// Parameters, an op's second input, laid out as a kernel wants them: once for many runs where parameters stay. What is
/// made depends on them, on the op's Params, on the first input's type and on the bytes alone.
struct Packing {
  size_t (*bytes)(std::span<const Desc>, const Params&) = nullptr;  // null, or 0: the kernel reads them as they lie
  void (*pack)(std::span<const PackCall>) = nullptr;  // all that one run needs; reads parameters, may use the workspace
  bool each_run = false;  // worth it where parameters change too: all of a program together, before its first step
};

/// A Packing's `pack` of one that does a call at a time.
template <void (*pack)(const Call&, void* to)>
void pack_each(std::span<const PackCall> calls) {
  for (const PackCall& each : calls) pack(each.call, each.to);
}

/// One way to run an op. `supports` and `workspace` see the inputs' descriptions, then the outputs'.
struct Kernel {
  const char* name = nullptr;  // "conv2d.cpu.gemm": in profiles, and to force one
  void (*run)(const Call&) = nullptr;
  bool (*supports)(std::span<const Desc>, const Params&) = nullptr;     // null: always
  size_t (*workspace)(std::span<const Desc>, const Params&) = nullptr;  // null: none
  Packing packing = {};
};

/// Kernels best first; on the CPU the last is the readable reference. Ends with a Kernel that has no name.
using KernelList = const Kernel*;

struct Op {
  const char* name;
  std::vector<Desc> (*shapes)(std::span<const Desc>, const Params&);
  void (*grad)(Grad&);  // emits gradient nodes onto the tape; null: not differentiable
  KernelList cpu, cuda;
  int inplace = -1;  // output 0 may take this input's storage when it dies here
  /// Bit i: input (output) i may be bf16 where its rank is 2 or more; the others float in f32 (tensor/precision.h).
  unsigned narrow_in = 0, narrow_out = 0;
};

/// Calls f with a value of the floating type of the first output (or input): references run in f32 and f64.
template <class F>
void by_float(const Call& call, F&& f) {
  const Desc& desc = call.out.empty() ? call.in[0].desc : call.out[0].desc;
  if (desc.dtype == DType::f64)
    f(double{});
  else
    f(float{});
}

/// For fast kernels: everything that floats is f32.
inline bool all_f32(std::span<const Desc> descs, const Params&) {
  for (const Desc& d : descs)
    if (d.dtype == DType::f64) return false;
  return true;
}

}  // namespace lineament
