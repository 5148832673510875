// "Did you mean": the known word that is fewest edits away.
#pragma once
#include <span>
#include <string_view>

namespace lineament {

/// The one of `names` nearest to `name` by edits, for "did you mean"; empty if none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> names);

}  // namespace lineament
