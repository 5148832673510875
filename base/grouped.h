// Numbers for people to read.
#pragma once
#include <string>

namespace lineament {

/// 13_596_846 as "13,596,846".
inline std::string grouped(size_t n) {
  std::string text = std::to_string(n);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<size_t>(at), ",");
  return text;
}

}  // namespace lineament
