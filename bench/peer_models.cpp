#include "bench/peer_models.h"

#include "layers/layers.h"
#include "models/backbones.h"

namespace lineament {
namespace {

constexpr Affine kGreyToRgb{3, {255, 255, 255}, {}, {0, 0, 0}};

Value resnet_head(Scope& s, Value features, int outputs) {
  const Value x = flatten(max_pool(features, {.size = 2, .stride = 2}));
  return layers::dense(s, "dense_1", relu(layers::dense(s, "dense", x, 96)), outputs);
}

Value mean_head(Scope& s, Value features, int outputs) {
  return layers::dense(s, "dense", global_average_pool(features), outputs);
}

}  // namespace

Model peer_model(std::string_view name) {
  if (name == "cnn") return find_model(name, {.dropout = 0.25f});
  const Backbone* backbone = find_backbone(name);
  if (!backbone) fail_input("--as-peers {}: expected cnn or a backbone", name);
  const auto head = name.starts_with("resnet") ? resnet_head : mean_head;
  return {std::string(name), "as the peers have it", [backbone, head](Scope& s, Value images, const Task& task) {
            Scope steady = s.without_drops();
            steady.enter("input");
            return Answer{head(steady, backbone->features(steady, affine(images, kGreyToRgb)), task.coordinates)};
          }};
}

}  // namespace lineament
