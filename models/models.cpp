#include "models/models.h"

#include <algorithm>
#include <vector>

#include "models/baselines.h"

namespace lineament {
namespace {

/// The study's own networks, then every backbone with a head.
std::vector<Model> models_with(const HeadOptions& head) {
  std::vector<Model> list{
      {"baseline", "one dense layer under a softmax, as the study began", baseline, Loss::cross_entropy},
      {"dense2", "two dense layers", dense2},
      {"cnn", "one convolution, two dense layers: the study's CNN",
       [dropout = head.dropout](Scope& s, Value x, int outputs) { return cnn(s, x, outputs, dropout); }},
  };
  for (const Backbone& backbone : backbones())
    list.push_back({backbone.name,
                    fmt::format("{:.1f} million parameters, {}", backbone.parameters / 1e6, backbone.paper),
                    [&backbone, head](Scope& s, Value x, int outputs) {
                      return keypoint_network(s, x, backbone, head, outputs);
                    }});
  return list;
}

}  // namespace

std::span<const Model> models() {
  static const std::vector<Model> list = models_with({});
  return list;
}

Model find_model(std::string_view name, const HeadOptions& head, const Task& task) {
  validate(task.picture);
  constexpr int kLeastSide = 64;  // for the pool behind a backbone
  if (find_backbone(name) && std::min(task.picture.height, task.picture.width) < kLeastSide)
    fail_input("model {}: pictures of {}, expected {} px a side or more behind a backbone", name, to_string(task.picture),
               kLeastSide);
  std::string names;
  for (Model& model : models_with(head)) {
    model.task = task;
    if (model.name == name) return std::move(model);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", model.name);
  }
  fail_input("model {}: expected one of {}", name, names);
}

}  // namespace lineament
