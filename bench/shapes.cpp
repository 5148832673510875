#include "bench/shapes.h"

#include <algorithm>
#include <map>

#include "kernels/elementwise_ops.h"
#include "kernels/ops.h"
#include "network/trace.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

/// Work that costs the same: one name and pass on the same tensors.
std::string key_of(const Work& work) {
  std::string key = work.op->name + (' ' + name_of(work));
  for (const Desc& desc : work.descs()) key += ' ' + to_string(desc);
  return key;
}

Work adam_update(const Parameters& parameters) {
  int64_t size = 0;  // each parameter begins on a cache line
  for (const Parameter& p : parameters.all())
    if (p.home == Home::parameters)
      size = std::max(size, int64_t(p.offset + round_up(p.desc.bytes()) / sizeof(float)));
  const Desc flat{{size}};
  return {&adam_update_op, {}, {flat, flat, flat, flat, {{6}}}, {flat, flat, flat}};
}

/// What one step of `name` runs, in its order.
std::vector<Work> step_of(const std::string& name, int batch) {
  const Model model = find_model(name);
  Parameters parameters(cpu_backend());
  const TracedStep traced(model, model.loss, parameters, Mode::train, batch);

  std::vector<Work> step;
  for (const Node& node : live_nodes(traced.graph))
    if (node.op != &reshape_op)
      step.push_back(work_of(traced.graph, node));  // moves nothing: it runs in place
  step.push_back(adam_update(parameters));
  return step;
}

}  // namespace

std::vector<Shaped> shapes_of(std::span<const std::string> models, int batch) {
  std::vector<Shaped> shapes;
  std::map<std::string, size_t> known;
  for (const std::string& model : models)
    for (Work& work : step_of(model, batch)) {
      const auto [at, is_new] = known.try_emplace(key_of(work), shapes.size());
      if (is_new) shapes.push_back({work, name_of(work), pass_of(work), {}});
      std::vector<std::string>& users = shapes[at->second].models;
      if (users.empty() || users.back() != model) users.push_back(model);
    }
  return shapes;
}

}  // namespace lineament
