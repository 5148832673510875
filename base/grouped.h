// Numbers for people to read.
#pragma once
#include <cstddef>
#include <string>

namespace lineament {

/// 13_596_846 as "13,596,846".
inline std::string grouped(size_t n) {
  std::string text = std::to_string(n);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

}  // namespace lineament
