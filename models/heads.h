// What makes a keypoint network of a backbone: a convolution in front, from grey to RGB, dense layers behind.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "models/backbones.h"

namespace lineament {

struct HeadOptions {
  int front_kernel = 1;    // taps a side of the first convolution in front: 1 or 2
  int front_channels = 0;  // of that one, 1 to 64, a 1x1 to RGB after it; 0: it gives RGB itself
  std::string dense = {};  // units of the hidden layers, "96" or "256,96", four at most; empty: none
  float dropout = 0.2f;    // share of the pooled features that a training step leaves out
  bool operator==(const HeadOptions&) const = default;
};

/// InputError in one line for the first setting that makes no sense, by its option ("--dense").
void validate(const HeadOptions& options);
/// "256,96" as {256, 96}. InputError for anything but at most four numbers from 1 to 4096.
std::vector<int> parse_units(std::string_view text);

/// Pictures [n,h,w,c] in [0,1] to coordinates [n,o] in halves of the longer side from the centre; h and w from 64 up.
/// In front: convolutions with leaky relu that start as a copy of grey into RGB; RGB pictures pass as they are, unless options
/// ask for such convolutions. Behind: max pool 2, dropout, dense layers.
Value keypoint_network(Scope& s, Value images, const Backbone& backbone, const HeadOptions& options, int outputs);

}  // namespace lineament
