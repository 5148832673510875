// Shapes: every distinct piece of work in the training steps of some networks.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "bench/work.h"

namespace lineament {

struct Shaped {
  Work work;
  std::string name, pass;
  std::vector<std::string> models;  // whose steps have it
};

/// Traces a training step, and Adam's update, of each model with its default head; in the order of their first occurrence.
/// InputError where there is no such model.
std::vector<Shaped> shapes_of(std::span<const std::string> models, int batch);

}  // namespace lineament
