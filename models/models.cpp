#include "models/models.h"

#include <algorithm>
#include <vector>

#include "models/baselines.h"
#include "models/maps.h"

namespace lineament {
namespace {

/// The study's own networks, those that keep the picture, then every backbone with a head.
std::vector<Model> models_with(const HeadOptions& head) {
  std::vector<Model> list{
      {"baseline", "one dense layer under a softmax, as the study began",
       [](Scope& s, Value x, const Task& task) { return Answer{baseline(s, x, task.coordinates)}; }, Loss::cross_entropy},
      {"dense2", "two dense layers", [](Scope& s, Value x, const Task& task) { return Answer{dense2(s, x, task.coordinates)}; }},
      {"cnn", "one convolution, two dense layers: the study's CNN",
       [dropout = head.dropout](Scope& s, Value x, const Task& task) { return Answer{cnn(s, x, task.coordinates, dropout)}; }},
  };
  for (const MapNetwork& network : map_networks())
    list.push_back({std::string(network.name), std::string(network.summary),
                    [&network](Scope& s, Value x, const Task& task) { return map_network(s, x, network, task.coordinates, task.deviations); }, Loss::smooth_l1});
  for (const Backbone& backbone : backbones())
    list.push_back({backbone.name,
                    fmt::format("{:.1f} million parameters, {}", backbone.parameters / 1e6, backbone.paper),
                    [&backbone, head](Scope& s, Value x, const Task& task) {
                      return keypoint_network(s, x, backbone, head, task.coordinates, task.deviations);
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
  if (const MapNetwork* network = find_map_network(name); network && (task.picture.height % stride_of(*network) != 0 || task.picture.width % stride_of(*network) != 0))
    fail_input("model {}: pictures of {}, expected sides that are multiples of {} px", name, to_string(task.picture), stride_of(*network));
  if (task.deviations && !find_backbone(name) && !find_map_network(name))
    fail_input("model {}: predicts no deviations, which --loss gaussian and laplace learn from: use maps or a backbone", name);
  std::string names;
  for (Model& model : models_with(head)) {
    model.task = task;
    if (model.name == name) return std::move(model);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", model.name);
  }
  fail_input("model {}: expected one of {}", name, names);
}

}  // namespace lineament
