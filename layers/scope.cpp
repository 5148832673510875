#include "layers/scope.h"

namespace lineament {

Value Scope::declare(const std::string& name, const Shape& shape, Home home, Init init) {
  const Parameter& p = parameters_.declare(name, shape, home, init);
  return graph_.parameter(p.desc, home, p.offset, home == Home::parameters && training(), name);
}

Value Scope::parameter(const std::string& name, const Shape& shape, Init init) {
  return declare(name, shape, Home::parameters, init);
}

Value Scope::statistic(const std::string& name, const Shape& shape, Init init) {
  return declare(name, shape, Home::statistics, init);
}

}  // namespace lineament
