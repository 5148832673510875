// The study's own small networks.
#pragma once
#include "layers/scope.h"

namespace lineament {

/// One dense layer under a softmax: 276,510 parameters. Its outputs sum to one, so it can rank coordinates, not place them.
Value baseline(Scope& s, Value images);
/// Two dense layers: 1,183,646 parameters.
Value dense2(Scope& s, Value images);
/// One convolution and two dense layers: 13,576,126 parameters.
Value cnn(Scope& s, Value images, float dropout = 0.2f);

}  // namespace lineament
