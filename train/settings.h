// Settings by their dotted names, and where two trainings differ in them.
#pragma once
#include <string>
#include <vector>

#include "train/config.h"

namespace lineament {

struct Difference {
  std::string key;   // "optimizer.rate"
  std::string a, b;  // as config.json writes them, texts without quotes
  bool operator==(const Difference&) const = default;
};

/// In the order of config.json.
std::vector<Difference> differences(const TrainConfig& a, const TrainConfig& b);

/// Without what may change on the way: where it runs, where it is kept, how long it goes on.
TrainConfig without_circumstances(TrainConfig config);

/// Of all settings those alone that decide which faces a run is measured on.
TrainConfig data_settings(const TrainConfig& config);

}  // namespace lineament
