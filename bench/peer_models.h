// The networks as the peers build them (tests/reference/peer_networks.py, docs/performance.md).
#pragma once
#include <string_view>

#include "models/models.h"

namespace lineament {

/// "cnn": the study's own, dropout 0.25. A backbone: grey copied into RGB with no convolution in front, and behind
/// ResNets max pool 2, dense 96, relu, dense 30; behind others a mean over the picture and dense 30; nothing is dropped.
/// InputError where there is no such backbone.
Model peer_model(std::string_view name);

}  // namespace lineament
