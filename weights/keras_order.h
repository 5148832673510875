// Keras 3's .weights.h5 calls a layer by its class and number, "layers/conv2d_7/vars/0": which layer that is.
#pragma once
#include <map>
#include <span>
#include <string>

#include "layers/parameters.h"
#include "weights/weight_file.h"

namespace lineament {

/// "layers/conv2d_7/vars/0" to "conv2_block1_1_conv/kernel", for the tensors of such a file and of no other.
/// The layer's name stands in the file (metadata "layers/conv2d_7/vars") or, where Keras before 3.4 wrote it,
/// is that of the seventh layer of the class in `order`, a network as it was traced. InputError where that
/// has another number of them.
std::map<std::string, std::string> keras3_names(const WeightFile& file,
                                                std::span<const Parameter* const> order);

}  // namespace lineament
