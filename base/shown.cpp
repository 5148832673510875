#include "base/shown.h"

#include <algorithm>

namespace lineament {

std::string shown(std::string_view text) {
  constexpr size_t kShown = 80;
  size_t end = std::min(text.size(), kShown);
  const auto continues = [&](size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  if (end < text.size())
    while (end > kShown - 4 && continues(end)) --end;  // no half character of UTF-8
  std::string out(text.substr(0, end));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = '?';
  return end < text.size() ? out + "..." : out;
}

}  // namespace lineament
