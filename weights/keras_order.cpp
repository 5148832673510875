#include "weights/keras_order.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace lineament {
namespace {

struct ClassRow {
  std::string_view folder;                    // Keras's class in snake case
  std::array<std::string_view, 4> variables;  // vars/0, vars/1 ...
};
constexpr ClassRow kClasses[] = {
    {"conv2d", {"kernel", "bias"}},
    {"depthwise_conv2d", {"kernel", "bias"}},
    {"dense", {"kernel", "bias"}},
    {"batch_normalization", {"gamma", "beta", "moving_mean", "moving_variance"}},
    {"normalization", {"mean", "variance", "count"}},
};

/// layers/conv2d_7/vars/0 taken apart.
struct Folder {
  std::string path;       // "layers/conv2d_7/vars"
  const ClassRow* layer;  // conv2d
  std::string_view kind;  // "kernel"
};

/// Nothing where `name` is no variable of a layer that has a row.
bool take_apart(const std::string& name, Folder& folder) {
  const size_t vars = name.rfind("/vars/");
  if (vars == std::string::npos) return false;
  const std::string_view before = std::string_view(name).substr(0, vars),
                         number = std::string_view(name).substr(vars + 6);
  std::string_view layer = before.substr(before.rfind('/') + 1);  // npos + 1 is 0
  folder.path = name.substr(0, vars + 5);
  const size_t counter = layer.rfind('_');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (counter != std::string_view::npos && std::ranges::all_of(layer.substr(counter + 1), is_digit))
    layer = layer.substr(0, counter);
  const auto row = std::ranges::find(kClasses, layer, &ClassRow::folder);
  if (row == std::end(kClasses) || number.size() != 1 || number[0] < '0' || number[0] > '3') return false;
  folder.layer = row;
  folder.kind = row->variables[static_cast<size_t>(number[0] - '0')];
  return !folder.kind.empty();
}

struct TracedLayer {
  std::string name;
  std::string_view layer_class;
};

std::string_view class_of(const Parameter& parameter) {
  const Shape& shape = parameter.desc.shape;
  if (!parameter.name.ends_with("/kernel")) return "batch_normalization";
  if (shape.rank() == 2) return "dense";
  return shape[-1] == 1 && shape[-2] > 1 ? "depthwise_conv2d" : "conv2d";
}

/// The layers in Keras's order. It sorts by the distance from the end, so a shortcut's convolution, which is
/// traced before its block, comes right before the block's last one.
std::vector<TracedLayer> keras_order(std::span<const Parameter* const> parameters) {
  std::vector<TracedLayer> layers;
  for (const Parameter* p : parameters) {
    const std::string layer = p->name.substr(0, p->name.rfind('/'));
    if (std::ranges::find(layers, layer, &TracedLayer::name) == layers.end())
      layers.push_back({layer, class_of(*p)});
  }
  for (size_t i = 0; i < layers.size(); ++i)
    for (const std::string_view end : {"_0_conv", "_0_bn"}) {
      if (!layers[i].name.ends_with(end)) continue;
      std::string last = layers[i].name;
      last[last.size() - end.size() + 1] = '3';
      const auto from = layers.begin() + static_cast<std::ptrdiff_t>(i);
      const auto to = std::find_if(from, layers.end(), [&](const TracedLayer& l) { return l.name == last; });
      if (to != layers.end() && to > from + 1) {
        std::rotate(from, from + 1, to);
        --i;  // another layer stands here now
        break;
      }
    }
  return layers;
}

}  // namespace

std::map<std::string, std::string> keras3_names(const WeightFile& file,
                                                std::span<const Parameter* const> order) {
  std::map<std::string, std::string> names, layers;  // of tensors; of folders
  std::map<std::string_view, std::vector<std::string>>
      nameless;  // folders of each class, in the file's order
  for (const SourceTensor& tensor : file.tensors()) {
    Folder folder;
    if (!take_apart(tensor.name, folder) || layers.contains(folder.path)) continue;
    const auto named = file.metadata().find(folder.path);
    if (named != file.metadata().end())
      layers[folder.path] = named->second;
    else if (auto& list = nameless[folder.layer->folder]; list.empty() || list.back() != folder.path)
      list.push_back(folder.path);
  }
  nameless.erase("normalization");
  if (!nameless.empty() && order.empty())
    file.fail("keeps no layers' names (Keras before 3.4): say whose weights these are with --model");
  const std::vector<TracedLayer> traced = order.empty() ? std::vector<TracedLayer>{} : keras_order(order);
  for (const auto& [layer_class, folders] : nameless) {
    std::vector<std::string> places;
    for (const TracedLayer& layer : traced)
      if (layer.layer_class == layer_class) places.push_back(layer.name);
    if (folders.size() == places.size() + 1)
      places.push_back("predictions");  // the top that this network does without
    if (folders.size() != places.size())
      file.fail(fmt::format("keeps no layers' names, and its {} layers {} are not the {} of this network",
                            folders.size(), layer_class, places.size()));
    for (size_t i = 0; i < folders.size(); ++i) layers[folders[i]] = places[i];
  }
  for (const SourceTensor& tensor : file.tensors())
    if (Folder folder; take_apart(tensor.name, folder))
      names[tensor.name] = fmt::format(
          "{}/{}", layers.contains(folder.path) ? layers[folder.path] : "normalization", folder.kind);
  return names;
}

}  // namespace lineament
