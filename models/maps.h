// Networks that keep the picture: residual stages, a decoder back to a quarter of its sides, a map for each point.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "data/picture_shape.h"
#include "models/heads.h"

namespace lineament {

struct MapStage {
  int channels, blocks;
};

/// Its stem halves the sides, and so does each stage after the first; the decoder is as fine as the second stage.
struct MapNetwork {
  std::string_view name, summary;
  int stem;  // channels of the first convolution, 5x5
  std::vector<MapStage> stages;
  int decoder;  // channels
};

std::span<const MapNetwork> map_networks();
/// Null where there is none.
const MapNetwork* find_map_network(std::string_view name);

/// What both sides of its pictures must be multiples of.
int stride_of(const MapNetwork& network);

/// Of pictures [n,h,w,c] in [0,1]: a map for each point, read out by soft-argmax; deviations from the mean of the coarsest features.
Answer map_network(Scope& s, Value images, const MapNetwork& network, int coordinates, bool deviations);

}  // namespace lineament
