#include "tensor/shape.h"

namespace lineament {

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int i = 0; i < shape.rank(); ++i) text += fmt::format("{}{}", i ? ", " : "", shape[i]);
  return text + "]";
}

std::string to_string(const Desc& desc) { return fmt::format("{} {}", name_of(desc.dtype), to_string(desc.shape)); }

}  // namespace lineament
