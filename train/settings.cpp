#include "train/settings.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

/// Both are of one program's making: they hold the same keys.
void compare(const std::string& prefix, const Json& a, const Json& b, std::vector<Difference>& found) {
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  for (const auto& [name, value] : a.items()) {
    const std::string key = prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
    if (value.is_object())
      compare(key, value, b.at(name), found);
    else if (value != b.at(name))
      found.push_back({key, text(value), text(b.at(name))});
  }
}

}  // namespace

std::vector<Difference> differences(const TrainConfig& a, const TrainConfig& b) {
  std::vector<Difference> found;
  compare("", parse_json(to_json(a), "a"), parse_json(to_json(b), "b"), found);
  return found;
}

TrainConfig without_circumstances(TrainConfig config) {
  const TrainConfig usual;
  config.epochs = usual.epochs;
  config.device = usual.device;
  config.precision = usual.precision;
  config.deterministic = usual.deterministic;
  config.threads = usual.threads;
  config.kernel = usual.kernel;
  config.out = usual.out;
  return config;
}

TrainConfig data_settings(const TrainConfig& config) {
  TrainConfig only;
  only.data = config.data;
  only.rows = config.rows;
  only.drawn_gaps = config.drawn_gaps;
  only.points = config.points;
  only.picture = config.picture;
  only.crop = config.crop;
  only.dev_data = config.dev_data;
  only.dev_rows = config.dev_rows;
  only.dev_every = config.dev_every;
  only.dev_share = config.dev_share;
  only.dev_names = config.dev_names;
  return only;
}

}  // namespace lineament
