// Text from strangers as a line may show it.
#pragma once
#include <string>
#include <string_view>

namespace lineament {

/// A name, a value or a text: its first 80 bytes, "..." where there are more, "?" for what does not print.
std::string shown(std::string_view text);
inline std::string shown(const std::string& text) { return shown(std::string_view(text)); }

}  // namespace lineament
