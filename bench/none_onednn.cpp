// Built where oneDNN was not found.
#include "bench/onednn.h"

namespace lineament {

std::string onednn_version() { return {}; }
std::vector<std::function<Rival()>> onednn_rivals(const Work&) { return {}; }

}  // namespace lineament
