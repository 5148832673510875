// oneDNN beside us: the same work by its own best primitive. A stub stands in where it was not found at build.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/work.h"

namespace lineament {

/// One way in which a peer does some work, set up on memory of its own; layouts are its own too, reorders not counted.
struct Rival {
  std::string name;  // "nhwc jit:avx512_core"
  std::function<void()> run;
};

/// "3.2.0"; empty where it is not built in.
std::string onednn_version();
/// The layouts to choose the fastest from; none where it has no such primitive. Each is set up when it is asked for,
/// so that their tensors need not fit into memory side by side.
std::vector<std::function<Rival()>> onednn_rivals(const Work& work);

}  // namespace lineament
