// The list of networks: a name, what it is, and the function that traces it.
#pragma once
#include <span>
#include <string_view>

#include "layers/scope.h"

namespace lineament {

/// How a network is trained when nothing else is said.
enum class Loss { mean_squared_error, cross_entropy };

struct Model {
  const char* name;     // as the command line calls it
  const char* summary;  // one line
  /// Pictures [n,96,96,1] in [0,1] to keypoints [n,30] in half pictures from the centre: px = 48 + 48 y.
  Value (*build)(Scope& s, Value images);
  Loss loss = Loss::mean_squared_error;
};

std::span<const Model> models();
/// InputError that lists the names where there is no such model.
const Model& find_model(std::string_view name);

}  // namespace lineament
