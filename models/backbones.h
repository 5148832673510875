// The backbones: what ImageNet weights are for, each a table and a loop, parameters named as Keras names them.
#pragma once
#include <span>
#include <string_view>

#include "kernels/ops.h"
#include "layers/scope.h"

namespace lineament {

inline constexpr int kImageNetClasses = 1000;

struct Backbone {
  const char* name;    // as the command line calls it
  const char* paper;   // where its table stands
  int64_t parameters;  // without the top, as Keras counts them
  /// RGB 0..255 to what the ImageNet weights were trained on. Keras leaves the normalisation of EfficientNet
  /// B0 to B7 out where it builds without those weights; here it never depends on how a training began.
  Affine input;
  Value (*body)(Scope& s, Value x);        // x scaled [n,h,w,3], h and w from 32 up; to [n,h/32,w/32,c]
  Value (*top)(Scope& s, Value features);  // probabilities [n,1000]
  int constants = 0;  // of `parameters`: those of Keras's normalisation layer, which stand in `input` here

  /// rgb [n,h,w,3] in 0..255 to features [n,h/32,w/32,c], halves rounded up.
  Value features(Scope& s, Value rgb) const {
    s.enter("input");
    s.constants("input", constants);
    return body(s, affine(rgb, input));
  }
};

std::span<const Backbone> backbones();
/// Null where there is no such backbone.
const Backbone* find_backbone(std::string_view name);

}  // namespace lineament
