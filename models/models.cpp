#include "models/models.h"

#include <string>

#include "models/baselines.h"

namespace lineament {
namespace {

constexpr Model kModels[] = {
    {"baseline", "one dense layer under a softmax, as the study began", baseline, Loss::cross_entropy},
    {"dense2", "two dense layers", dense2},
    {"cnn", "one convolution, two dense layers: the study's CNN", [](Scope& s, Value x) { return cnn(s, x); }},
};

}  // namespace

std::span<const Model> models() { return kModels; }

const Model& find_model(std::string_view name) {
  std::string names;
  for (const Model& model : kModels) {
    if (model.name == name) return model;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", model.name);
  }
  fail_input("model {}: expected one of {}", name, names);
}

}  // namespace lineament
