#include "network/pretrained.h"

#include <algorithm>

#include "base/paths.h"
#include "network/default_model.h"
#include "tensor/graph.h"
#include "weights/name_map.h"

namespace lineament {
namespace {

constexpr int64_t kSide = 32;  // parameters do not depend on the picture's size

/// Whether every tensor of the file has its place in `parameters` and every parameter its tensor.
bool fits(const NamedTensors& named, const Parameters& parameters) {
  return named.tensors.size() == parameters.all().size() &&
         std::ranges::all_of(named.tensors, [&](const NamedTensor& t) {
           const Parameter* parameter = parameters.find(t.name);
           return parameter && parameter->desc.shape == t.shape;
         });
}

}  // namespace

void declare(const Backbone& backbone, bool top, Parameters& parameters) {
  Graph graph;
  Scope scope(graph, parameters, Mode::infer);
  const Value features = backbone.features(scope, graph.input({{1, kSide, kSide, 3}}, "images"));
  if (top) backbone.top(scope, features);
}

LoadReport load_pretrained(const std::filesystem::path& weights, std::string_view model,
                           Parameters& parameters, bool allow_partial) {
  LoadOptions options{.allow_partial = allow_partial, .may_be_missing = {}};
  Parameters body(parameters.backend());
  if (const Backbone* backbone = find_backbone(model)) {
    declare(*backbone, false, body);
    options.may_be_missing = [&](const Parameter& p) { return !body.find(p.name); };
  }
  const bool built_in = weights == kDefaultModel && !is_there(weights);
  return load_weights(built_in ? default_model_file() : weights, parameters, options);
}

const Backbone& guess_backbone(const std::filesystem::path& weights) {
  const std::unique_ptr<WeightFile> file = open_weights(weights);
  const NamedTensors named = name_tensors(*file);
  for (const Backbone& backbone : backbones()) {
    Parameters parameters(cpu_backend());
    declare(backbone, true, parameters);
    if (fits(named, parameters)) return backbone;
  }
  file->fail("the weights of no backbone with its 1000-class top; say --model NAME to see what does not fit");
}

}  // namespace lineament
