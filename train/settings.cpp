#include "train/settings.h"

#include <nlohmann/json.hpp>

#include "base/check.h"

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
  compare("", Json::parse(to_json(a)), Json::parse(to_json(b)), found);
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

}  // namespace lineament
