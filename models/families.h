// The families of backbones, and the tops they share.
#pragma once
#include "models/backbones.h"

namespace lineament {

std::span<const Backbone> resnets();
std::span<const Backbone> mobilenets();
std::span<const Backbone> efficientnets();
std::span<const Backbone> efficientnets_v2();
std::span<const Backbone> efficientnets_lite();

/// Mean over the picture, dropout, dense "predictions", softmax: [n,h,w,c] to probabilities [n,1000].
Value classifier(Scope& s, Value features, float dropout = 0, Init init = {Init::glorot_uniform});

}  // namespace lineament
