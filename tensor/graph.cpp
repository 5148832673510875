#include "tensor/graph.h"

namespace lineament {

Value Graph::add(ValueInfo info) {
  values_.push_back(std::move(info));
  return {this, static_cast<int>(values_.size()) - 1};
}

Value Graph::input(const Desc& desc, std::string name, bool trainable) {
  return add({.desc = desc, .home = Home::input, .trainable = trainable, .name = std::move(name)});
}

Value Graph::parameter(const Desc& desc, Home home, size_t offset, bool trainable, std::string name) {
  return add({.desc = desc, .home = home, .offset = offset, .trainable = trainable, .name = std::move(name)});
}

std::vector<Value> Graph::apply(const Op& op, std::vector<Value> in, const Params& params) {
  Node node{.op = &op, .params = params, .in = {}, .out = {}, .label = label_.empty() ? op.name : label_};
  std::vector<Desc> descs;
  bool trainable = false;
  for (Value v : in) {
    check(v.graph == this, "{}: an input from another graph, or none", op.name);
    node.in.push_back(v.id);
    descs.push_back(v.desc());
    trainable = trainable || values_[v.id].trainable;
  }
  std::vector<Value> out;
  for (const Desc& desc : op.shapes(descs, params)) {
    out.push_back(add({.desc = desc,
                       .producer = static_cast<int>(nodes_.size()),
                       .trainable = trainable && op.grad != nullptr,
                       .name = node.label}));
    node.out.push_back(out.back().id);
  }
  nodes_.push_back(std::move(node));
  return out;
}

void Graph::assign(Value target, Value source) {
  ValueInfo& to = values_[target.id];
  ValueInfo& from = values_[source.id];
  check(to.desc == from.desc, "assign to {}: {} from {}", to.name, to_string(to.desc), to_string(from.desc));
  check(from.home == Home::arena && to.home != Home::arena, "assign to {}: not from a temporary to a state", to.name);
  from.home = to.home;
  from.assigned_to = target.id;
}

}  // namespace lineament
