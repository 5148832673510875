// The study's own small networks.
#pragma once
#include "layers/scope.h"

namespace lineament {

// Pictures [n,h,w,c] to `outputs` coordinates [n,o]. Parameters are counted for 96x96, grey, and 30 coordinates.

/// One dense layer under a softmax: 276,510 parameters. Its outputs sum to one, so it can rank coordinates, not place them.
Value baseline(Scope& s, Value images, int outputs);
/// Two dense layers: 1,183,646 parameters.
Value dense2(Scope& s, Value images, int outputs);
/// One convolution and two dense layers: 13,576,126 parameters.
Value cnn(Scope& s, Value images, int outputs, float dropout = 0.2f);

}  // namespace lineament
