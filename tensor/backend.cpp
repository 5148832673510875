#include "tensor/backend.h"

namespace lineament {

Backend& find_backend(std::string_view name) {
  if (name == "cpu") return cpu_backend();
  if (name == "cuda") return cuda_backend();
  fail_input("device {}: expected cpu or cuda", name);
}

}  // namespace lineament
