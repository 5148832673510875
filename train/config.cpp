// One list of keys serves writing, reading and the names in complaints.
#include "train/config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/nearest.h"
#include "network/losses.h"

namespace lineament {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 2;  // of config.json; the first knew the contest's faces alone, and did not say so

/// Calls f(key, member) for every setting, in the order of config.json. "optimizer.rate" is `rate` of `optimizer`.
template <class Config, class F>
void each_setting(Config& c, F&& f) {
  f("data", c.data);
  f("rows", c.rows);
  f("points", c.points);
  f("picture.width", c.picture.width);
  f("picture.height", c.picture.height);
  f("picture.channels", c.picture.channels);
  f("crop.from", c.crop.from);
  f("crop.margin", c.crop.margin);
  f("dev_data", c.dev_data);
  f("dev_rows", c.dev_rows);
  f("dev_every", c.dev_every);
  f("dev_share", c.dev_share);
  f("dev_names", c.dev_names);
  f("missing", c.missing);
  f("augment.kind", c.augment);
  f("augment.rotation", c.draws.rotation);
  f("augment.scale", c.draws.scale);
  f("augment.shift", c.draws.shift);
  f("augment.shear", c.draws.shear);
  f("augment.flip", c.draws.flip);
  f("augment.brightness", c.draws.brightness);
  f("augment.contrast", c.draws.contrast);
  f("augment.gamma", c.draws.gamma);
  f("augment.noise", c.draws.noise);
  f("augment.blur", c.draws.blur);
  f("augment.erase", c.draws.erase);
  f("model", c.model);
  f("head.front_kernel", c.head.front_kernel);
  f("head.front_channels", c.head.front_channels);
  f("head.dense", c.head.dense);
  f("head.dropout", c.head.dropout);
  f("weights", c.weights);
  f("allow_partial", c.allow_partial);
  f("loss", c.loss);
  f("epochs", c.epochs);
  f("batch", c.batch);
  f("seed", c.seed);
  f("optimizer.name", c.optimizer.kind);
  f("optimizer.rate", c.optimizer.rate);
  f("optimizer.beta1", c.optimizer.beta1);
  f("optimizer.beta2", c.optimizer.beta2);
  f("optimizer.rho", c.optimizer.rho);
  f("optimizer.momentum", c.optimizer.momentum);
  f("optimizer.nesterov", c.optimizer.nesterov);
  f("optimizer.epsilon", c.optimizer.epsilon);
  f("optimizer.weight_decay", c.optimizer.weight_decay);
  f("average.decay", c.optimizer.average_decay);
  f("average.warmup", c.optimizer.average_warmup);
  f("schedule.shape", c.schedule);
  f("schedule.warmup_epochs", c.warmup_epochs);
  f("schedule.final_share", c.final_share);
  f("plateau.on", c.plateau.on);
  f("plateau.factor", c.plateau.factor);
  f("plateau.patience", c.plateau.patience);
  f("plateau.min_delta", c.plateau.min_delta);
  f("plateau.cooldown", c.plateau.cooldown);
  f("plateau.min_rate", c.plateau.min_rate);
  f("stop.on", c.stop.on);
  f("stop.patience", c.stop.patience);
  f("stop.min_delta", c.stop.min_delta);
  f("stages", c.stages);
  f("device", c.device);
  f("precision", c.precision);
  f("deterministic", c.deterministic);
  f("threads", c.threads);
  f("kernel", c.kernel);
  f("out", c.out);
}

std::vector<std::string_view> setting_names() {
  std::vector<std::string_view> names;
  const TrainConfig config;
  each_setting(config, [&](const char* key, const auto&) { names.push_back(key); });
  return names;
}

template <class T>
Json to_value(const T& member) {
  return member;
}
/// 0.9f as 0.9, not as 0.8999999761581421, whatever the host's locale separates decimals by.
Json to_value(float member) {
  const std::string text = fmt::format("{}", member);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
template <Chosen E>
Json to_value(const E& member) {
  return name_of(member);
}
/// Nothing said is an empty text.
template <Chosen E>
Json to_value(const std::optional<E>& member) {
  return member ? name_of(*member) : "";
}
Json to_value(const std::vector<Stage>& stages) {
  Json list = Json::array();
  for (const Stage& stage : stages)
    list.push_back({{"epochs", stage.epochs}, {"rate", to_value(stage.rate)}});
  return list;
}

template <class T>
constexpr const char* kExpected = "a whole number";
template <>
constexpr const char* kExpected<std::string> = "a text";
template <>
constexpr const char* kExpected<bool> = "true or false";
template <>
constexpr const char* kExpected<float> = "a number";
template <>
constexpr const char* kExpected<double> = "a number";
template <>
constexpr const char* kExpected<std::vector<Stage>> = "a list of {epochs, rate}";

/// What would have been right instead of `value`, for messages.
template <class T>
std::string expected(const T&, const Json&) {
  return kExpected<T>;
}
template <Chosen E>
std::string expected(const E&, const Json& value) {
  return value.is_string() ? expected_choice<E>(value.get_ref<const std::string&>()) : "a text";
}
template <Chosen E>
std::string expected(const std::optional<E>&, const Json& value) {
  return expected(E(), value);
}

/// Whether `value` was of the member's type and range.
bool from_value(const Json& value, std::string& member) {
  if (value.is_string()) member = value.get<std::string>();
  return value.is_string();
}
template <Chosen E>
bool from_value(const Json& value, E& member) {
  if (!value.is_string()) return false;
  const std::optional<E> found = find_choice<E>(value.get_ref<const std::string&>());
  if (found) member = *found;
  return found.has_value();
}
template <Chosen E>
bool from_value(const Json& value, std::optional<E>& member) {
  if (value == "") {
    member.reset();
    return true;
  }
  E said{};
  if (!from_value(value, said)) return false;
  member = said;
  return true;
}
bool from_value(const Json& value, bool& member) {
  if (value.is_boolean()) member = value.get<bool>();
  return value.is_boolean();
}
template <class T>
requires std::is_arithmetic_v<T>
bool from_value(const Json& value, T& member) {
  if constexpr (std::is_integral_v<T>) {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned() ? !std::in_range<T>(value.get<uint64_t>())
                                   : !std::in_range<T>(value.get<int64_t>()))
      return false;
  }
  if (value.is_number()) member = value.get<T>();
  return value.is_number();
}

bool from_value(const Json& value, std::vector<Stage>& stages) {
  if (!value.is_array()) return false;
  stages.clear();
  for (const Json& item : value) {
    Stage stage;
    if (!item.is_object() || item.size() != 2 || !item.contains("epochs") || !item.contains("rate") ||
        !from_value(item["epochs"], stage.epochs) || !from_value(item["rate"], stage.rate))
      return false;
    stages.push_back(stage);
  }
  return true;
}

/// "optimizer.rate" as the JSON pointer "/optimizer/rate".
Json::json_pointer place_of(std::string_view key) {
  std::string path = fmt::format("/{}", key);
  std::ranges::replace(path, '.', '/');
  return Json::json_pointer(path);
}

/// Every value of `json` with its dotted key; only what is no object is one.
template <class F>
void each_value(const Json& json, const std::string& prefix, F&& f) {
  for (const auto& [name, value] : json.items()) {
    const std::string key = prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
    if (value.is_object() && !value.empty())
      each_value(value, key, f);
    else
      f(key, value);
  }
}

/// `rate` and `optimiser.rate` both mean "optimizer.rate".
std::string_view nearest_setting(std::string_view key, std::span<const std::string_view> names) {
  if (const std::string_view near = nearest(key, names); !near.empty()) return near;
  const std::string_view last = key.substr(key.rfind('.') + 1);
  std::vector<std::string_view> lasts;
  for (const std::string_view name : names) lasts.push_back(name.substr(name.rfind('.') + 1));
  const std::string_view near = nearest(last, lasts);
  if (near.empty()) return {};
  return names[size_t(std::ranges::find(lasts, near) - lasts.begin())];
}

}  // namespace

std::string to_json(const TrainConfig& config) {
  Json json{{"version", kVersion}};
  each_setting(config, [&](const char* key, const auto& member) { json[place_of(key)] = to_value(member); });
  return json_text(json, 2) + "\n";
}

TrainConfig parse_config(std::string_view text, std::string_view source, const TrainConfig& base) {
  const Json json = parse_json(text, source);
  if (!json.is_object()) fail_input("{}: is not a JSON object of settings", source);
  const std::vector<std::string_view> names = setting_names();
  each_value(json, "", [&](const std::string& key, const Json& value) {
    if (key == "version") {
      if (!value.is_number_integer() || value < 1 || value > kVersion)
        fail_input("{}: settings of version {}, this program reads 1 to {}: they take a newer lineament", source, value.dump(),
                   kVersion);
      return;
    }
    if (std::ranges::find(names, key) != names.end()) {
      if (json.contains(place_of(key))) return;
      const size_t dot = key.find('.');
      fail_input("{}: \"{}\" is one word, expected {{\"{}\": {{\"{}\": ...}}}}", source, key,
                 key.substr(0, dot), key.substr(dot + 1));
    }
    const std::string_view near = nearest_setting(key, names);
    if (near.empty()) fail_input("{}: unknown setting \"{}\"", source, key);
    fail_input("{}: unknown setting \"{}\", did you mean \"{}\"?", source, key, near);
  });
  TrainConfig config = base;
  each_setting(config, [&](const char* key, auto& member) {
    const Json::json_pointer place = place_of(key);
    if (json.contains(place) && !from_value(json[place], member))
      fail_input("{}: \"{}\" is {}, expected {}", source, key, json[place].dump(),
                 expected(member, json[place]));
  });
  return config;
}

int total_epochs(const TrainConfig& config) {
  int epochs = config.epochs;
  for (const Stage& stage : config.stages) epochs += stage.epochs;
  return epochs;
}

namespace {

/// What is said of the data before any of it is read.
void validate_data(const TrainConfig& c) {
  const PictureShape usual;
  validate(PictureShape{.height = c.picture.height != 0 ? c.picture.height : usual.height,
                        .width = c.picture.width != 0 ? c.picture.width : usual.width,
                        .channels = c.picture.channels != 0 ? c.picture.channels : usual.channels});
  if (!c.points.empty()) find_keypoint_set(c.points);
  if (!(c.crop.margin >= 0 && c.crop.margin <= 4)) fail_input("crop.margin {}: expected 0 to 4", c.crop.margin);
  if (c.dev_every < 0 || c.dev_every == 1) fail_input("--dev-every {}: expected 0, or 2 or more", c.dev_every);
  if (!(c.dev_share >= 0 && c.dev_share < 1)) fail_input("--dev-share {}: expected 0 or more, below 1", c.dev_share);
  const int ways = !c.dev_data.empty() + (c.dev_rows > 0) + (c.dev_every > 0) + (c.dev_share > 0);
  if (ways > 1) fail_input("--dev, --dev-rows, --dev-every, --dev-share: expected one of them");
  if (!c.dev_names.empty() && c.dev_every == 0 && c.dev_share == 0)
    fail_input("--dev-names {}: needs --dev-every or --dev-share", c.dev_names);
}

}  // namespace

void validate(const TrainConfig& c) {
  const auto at_least = [](const char* option, auto value, decltype(value) least) {
    if (!(value >= least)) fail_input("{} {}: expected {} or more", option, value, least);
  };
  const auto above_zero = [](const char* option, auto value) {
    if (!(value > 0) || !std::isfinite(value)) fail_input("{} {}: expected a number above 0", option, value);
  };
  const auto share = [](const char* option, auto value) {
    if (!(value >= 0 && value <= 1)) fail_input("{} {}: expected 0 to 1", option, value);
  };
  const auto below_one = [](const char* option, float value) {
    if (!(value >= 0 && value < 1)) fail_input("{} {}: expected 0 or more, below 1", option, value);
  };
  const OptimizerOptions& o = c.optimizer;

  find_model(c.model);
  validate(c.head);
  validate_data(c);
  const bool has_head = c.head.front_kernel != 1 || c.head.front_channels > 0 || !c.head.dense.empty();
  if (has_head && !find_backbone(c.model))
    fail_input(
        "--front-kernel, --front-channels, --dense: settings of backbones such as resnet50, {} is none",
        c.model);
  validate(c.draws);
  if (c.precision != Precision::f32 && c.device == Device::cpu)
    fail_input("--precision {}: the CPU computes in f32 alone; leave it out, or use --device cuda",
               name_of(c.precision));
  at_least("--rows", c.rows, 0);
  at_least("--dev-rows", c.dev_rows, 0);
  at_least("--epochs", c.epochs, 1);
  at_least("--batch", c.batch, 1);
  at_least("--threads", c.threads, 0);
  above_zero("--rate", o.rate);
  above_zero("epsilon", o.epsilon);
  below_one("beta1", o.beta1);
  below_one("beta2", o.beta2);
  below_one("rho", o.rho);
  below_one("--momentum", o.momentum);
  share("--weight-decay", o.weight_decay);
  below_one("--average-decay", o.average_decay);
  if (o.nesterov && !(o.momentum > 0)) fail_input("nesterov: needs a --momentum above 0");
  at_least("--warmup-epochs", c.warmup_epochs, 0);
  if (c.warmup_epochs >= c.epochs)
    fail_input("--warmup-epochs {}: expected fewer than --epochs {}", c.warmup_epochs, c.epochs);
  share("--final-share", c.final_share);
  at_least("--plateau-patience", c.plateau.patience, 0);
  at_least("plateau.min_delta", c.plateau.min_delta, 0);
  at_least("plateau.cooldown", c.plateau.cooldown, 0);
  at_least("plateau.min_rate", c.plateau.min_rate, 0);
  at_least("--stop-patience", c.stop.patience, 0);
  at_least("stop.min_delta", c.stop.min_delta, 0);
  for (const Stage& stage : c.stages) {
    at_least("stages.epochs", stage.epochs, 1);
    above_zero("stages.rate", stage.rate);
  }
  if (!(c.plateau.factor > 0 && c.plateau.factor < 1))
    fail_input("--plateau-factor {}: expected a number between 0 and 1", c.plateau.factor);
}

}  // namespace lineament
