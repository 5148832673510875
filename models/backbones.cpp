#include "models/backbones.h"

#include <algorithm>
#include <vector>

#include "layers/layers.h"
#include "models/families.h"

namespace lineament {

Value classifier(Scope& s, Value features, float dropout, Init init) {
  s.enter("avg_pool");
  const Value pooled = layers::dropout(s, global_average_pool(features), dropout);
  return softmax(layers::dense(s, "predictions", pooled, kImageNetClasses, init));
}

std::span<const Backbone> backbones() {
  static const std::vector<Backbone> all = [] {
    std::vector<Backbone> list;
    for (const auto family :
         {resnets(), mobilenets(), efficientnets(), efficientnets_v2(), efficientnets_lite()})
      list.insert(list.end(), family.begin(), family.end());
    return list;
  }();
  return all;
}

const Backbone* find_backbone(std::string_view name) {
  const auto found = std::ranges::find(backbones(), name, &Backbone::name);
  return found == backbones().end() ? nullptr : &*found;
}

}  // namespace lineament
