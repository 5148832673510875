#include "tensor/op_call.h"

namespace lineament {
namespace {

std::vector<Desc> descs_of(std::span<const View> views) {
  std::vector<Desc> descs;
  for (const View& view : views) descs.push_back(view.desc);
  return descs;
}

void check_outputs(const Op& op, std::span<const Desc> made, std::span<const Desc> given) {
  check(made.size() == given.size(), "{}: {} outputs, expected {}", op.name, given.size(), made.size());
  for (size_t i = 0; i < made.size(); ++i)
    check(made[i] == given[i], "{}: output {} is {}, expected {}", op.name, i, to_string(given[i]), to_string(made[i]));
}

}  // namespace

const Kernel* choose_kernel(const Backend& backend, const Op& op, std::span<const Desc> descs, const Params& params,
                            std::string_view wanted, bool reference) {
  const Kernel* chosen = nullptr;
  for (KernelList k = backend.kernels(op); k && k->name; ++k) {
    const bool named = wanted == k->name;
    if (chosen && !named && !reference) continue;  // not asked for nothing: a library may search long to answer
    if (k->supports && !k->supports(descs, params)) continue;
    if (named) return k;
    chosen = k;
  }
  if (!chosen) fail_run("{}: no kernel on {} for {}", op.name, backend.name(), to_string(descs.back()));
  return chosen;
}

OpCall::OpCall(Backend& backend, const Op& op, std::vector<View> in, std::vector<View> out, const Params& params)
    : in_(std::move(in)), out_(std::move(out)), params_(params) {
  std::vector<Desc> descs = descs_of(in_);
  const std::vector<Desc> outputs = descs_of(out_);
  check_outputs(op, op.shapes(descs, params_), outputs);
  descs.insert(descs.end(), outputs.begin(), outputs.end());
  kernel_ = choose_kernel(backend, op, descs, params_);
  check(!kernel_->workspace || kernel_->workspace(descs, params_) == 0, "{}: needs a workspace, run it in a program", op.name);
}

void OpCall::run(Stream& stream) const { kernel_->run({in_, out_, params_, nullptr, stream}); }

void run_op(Backend& backend, const Op& op, std::span<const View> in, std::span<const View> out, const Params& params,
            Stream* stream) {
  OpCall(backend, op, {in.begin(), in.end()}, {out.begin(), out.end()}, params).run(stream ? *stream : backend.stream());
}

}  // namespace lineament
