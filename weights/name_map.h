// Whose names and axes: a table for each family turns other people's tensors into ours, "layer/kind" as Keras
// 3 has them.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/parameters.h"
#include "weights/weight_file.h"

namespace lineament {

/// How a tensor's axes lie in the file.
enum class Axes { ours, convolution_oihw, depthwise_c1hw, dense_oi };

/// A tensor of the file under our name.
struct NamedTensor {
  std::string name;    // "conv2_block1_1_conv/kernel"
  Shape shape;         // with axes as ours
  std::string source;  // its name in the file
  size_t index;        // in WeightFile::tensors()
  Axes axes = Axes::ours;
};

struct NamedTensors {
  std::string family;  // "EfficientNet of PyTorch"
  std::vector<NamedTensor> tensors;
  std::vector<std::string>
      left_aside;  // names in the file of what is no weight: counters, seeds, an optimiser's state
};

/// The tensors of `file` under our names; one that no rule knows keeps its own. `order` is the network to
/// fill, in the order it was traced: files that keep no names (Keras before 3.4) are named by it, and without
/// it are an InputError. So are two tensors that come to one name,
/// and axes that are not what the rule expects.
NamedTensors name_tensors(const WeightFile& file, std::span<const Parameter* const> order = {});

/// Reads a tensor of `file` with its axes put as ours.
void read_named(WeightFile& file, const NamedTensor& tensor, std::span<float> values);

/// Whether "predictions/kernel" and the like: the layer that tells the 1000 classes apart.
bool is_top(std::string_view name);

}  // namespace lineament
