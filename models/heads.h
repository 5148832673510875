// What makes a keypoint network of a backbone: a convolution in front, from grey to RGB, dense layers behind.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "models/backbones.h"

namespace lineament {

/// What a network says of its pictures.
struct Answer {
  Value points;             // [n,2p] in halves of the longer side from the centre (data/picture_shape.h)
  Value log_deviation = {}; // [n,p], the logarithm of how far off each point may be, in px; none where the task asks for none
};

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

/// What a backbone's head answers before it has learned anything, in px from the centre [2p].
inline constexpr const char* kKeypointsBias = "keypoints/bias";
/// Added to the answers of a network that has it, in halves of the longer side [2p]; no gradient reaches it (train/offset).
inline constexpr const char* kAnswerOffset = "points/offset";
/// Of features [n,c].
Value log_deviation(Scope& s, Value features, int points);

/// Of pictures [n,h,w,c] in [0,1], h and w from 64 up.
/// In front: convolutions with leaky relu that start as a copy of grey into RGB; RGB pictures pass as they are, unless options
/// ask for such convolutions. Behind: max pool 2, dropout, dense layers.
Answer keypoint_network(Scope& s, Value images, const Backbone& backbone, const HeadOptions& options, int coordinates, bool deviations);

}  // namespace lineament
