// One list of keys serves writing, reading and the names in complaints.
#include "train/config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/cpus.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/shown.h"
#include "data/labelled_data.h"
#include "models/expected_head.h"
#include "network/losses.h"
#include "network/trace.h"

namespace lineament {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 2;  // of config.json; the first knew the contest's faces alone, and did not say so

constexpr int kMostEpochs = 1'000'000;
constexpr size_t kMostStages = 100;
constexpr int kMostFolds = 100;
constexpr uint64_t kMostSeed = std::numeric_limits<int64_t>::max();  // that TOML can say

/// What a number is called where it is refused, by its option if it has one, and which make sense.
template <Number T>
struct Limit {
  const char* name;
  Bounds<T> bounds;
};

/// Calls f(key, member) for every setting, in the order of config.json, or f(key, member, limit) for a number whose bounds
/// do not depend on others. "optimizer.rate" is `rate` of `optimizer`.
template <class Config, class F>
void each_setting(Config& c, F&& f) {
  f("data", c.data);
  f("rows", c.rows, Limit{"--rows", at_least(0)});
  f("drawn_gaps", c.drawn_gaps);
  f("points", c.points);
  f("picture.width", c.picture.width);
  f("picture.height", c.picture.height);
  f("picture.channels", c.picture.channels, Limit{"--channels", within(0, 3)});
  f("crop.from", c.crop.from);
  f("crop.margin", c.crop.margin, Limit{"--margin", within(0.0f, 4.0f)});
  f("dev_data", c.dev_data);
  f("dev_rows", c.dev_rows, Limit{"--dev-rows", at_least(0)});
  f("dev_every", c.dev_every);
  f("dev_share", c.dev_share, Limit{"--dev-share", from_below(0.0, 1.0)});
  f("dev_names", c.dev_names);
  f("fold.of", c.fold.of, Limit{"--folds", within(0, kMostFolds)});
  f("fold.part", c.fold.part);
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
  f("epochs", c.epochs, Limit{"--epochs", within(1, kMostEpochs)});
  f("batch", c.batch, Limit{"--batch", within(1, kMostBatch)});
  f("sampling", c.sampling);
  f("seed", c.seed, Limit{"--seed", within(uint64_t{0}, kMostSeed)});
  f("optimizer.name", c.optimizer.kind);
  f("optimizer.rate", c.optimizer.rate, Limit{"--rate", above(0.0f)});
  f("optimizer.beta1", c.optimizer.beta1, Limit{"beta1", from_below(0.0f, 1.0f)});
  f("optimizer.beta2", c.optimizer.beta2, Limit{"beta2", from_below(0.0f, 1.0f)});
  f("optimizer.rho", c.optimizer.rho, Limit{"rho", from_below(0.0f, 1.0f)});
  f("optimizer.momentum", c.optimizer.momentum, Limit{"--momentum", from_below(0.0f, 1.0f)});
  f("optimizer.nesterov", c.optimizer.nesterov);
  f("optimizer.epsilon", c.optimizer.epsilon, Limit{"epsilon", above(0.0f)});
  f("optimizer.weight_decay", c.optimizer.weight_decay, Limit{"--weight-decay", within(0.0f, 1.0f)});
  f("average.decay", c.optimizer.average_decay, Limit{"--average-decay", from_below(0.0f, 1.0f)});
  f("average.warmup", c.optimizer.average_warmup);
  f("schedule.shape", c.schedule);
  f("schedule.warmup_epochs", c.warmup_epochs, Limit{"--warmup-epochs", at_least(0)});
  f("schedule.final_share", c.final_share, Limit{"--final-share", within(0.0, 1.0)});
  f("plateau.on", c.plateau.on);
  f("plateau.factor", c.plateau.factor, Limit{"--plateau-factor", between(0.0, 1.0)});
  f("plateau.patience", c.plateau.patience, Limit{"--plateau-patience", at_least(0)});
  f("plateau.min_delta", c.plateau.min_delta, Limit{"plateau.min_delta", at_least(0.0)});
  f("plateau.cooldown", c.plateau.cooldown, Limit{"plateau.cooldown", at_least(0)});
  f("plateau.min_rate", c.plateau.min_rate, Limit{"plateau.min_rate", at_least(0.0f)});
  f("stop.on", c.stop.on);
  f("stop.patience", c.stop.patience, Limit{"--stop-patience", at_least(0)});
  f("stop.min_delta", c.stop.min_delta, Limit{"stop.min_delta", at_least(0.0)});
  f("stages", c.stages);
  f("device", c.device);
  f("precision", c.precision);
  f("deterministic", c.deterministic);
  f("threads", c.threads, Limit{"--threads", within(0, most_threads())});
  f("kernel", c.kernel);
  f("out", c.out);
}

std::vector<std::string_view> setting_names() {
  std::vector<std::string_view> names;
  const TrainConfig config;
  each_setting(config, [&](const char* key, const auto&...) { names.push_back(key); });
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
constexpr const char* kExpected = "a text";
template <>
constexpr const char* kExpected<bool> = "true or false";
template <>
constexpr const char* kExpected<std::vector<Stage>> = "a list of {epochs, rate}";

/// What would have been right instead of `value`, for messages.
template <class T>
std::string expected(const T&, const Json&) {
  return kExpected<T>;
}
template <Number T>
std::string expected(const T&, const Json&, const Limit<T>& limit) {
  return expected_number(limit.bounds);
}
template <Number T>
std::string expected(const T&, const Json&) {
  return expected_number(Bounds<T>{});
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
template <Number T>
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
  each_setting(config, [&](const char* key, const auto& member, const auto&...) { json[place_of(key)] = to_value(member); });
  return json_text(json, 2) + "\n";
}

TrainConfig parse_config(std::string_view text, std::string_view source, const TrainConfig& base) {
  const Json json = parse_json(text, source);
  if (!json.is_object()) fail_input("{}: is not a JSON object of settings", source);
  const std::vector<std::string_view> names = setting_names();
  each_value(json, "", [&](const std::string& key, const Json& value) {
    if (key == "version") {
      if (!value.is_number_integer() || value < 1 || value > kVersion)
        fail_input("{}: settings of version {}, this program reads 1 to {}: they take a newer lineament", source,
                   shown(value), kVersion);
      return;
    }
    if (std::ranges::find(names, key) != names.end()) {
      if (json.contains(place_of(key))) return;
      const size_t dot = key.find('.');
      fail_input("{}: \"{}\" is one word, expected {{\"{}\": {{\"{}\": ...}}}}", source, key,
                 key.substr(0, dot), key.substr(dot + 1));
    }
    const std::string_view near = nearest_setting(key, names);
    if (near.empty()) fail_input("{}: unknown setting \"{}\"", source, shown(key));
    fail_input("{}: unknown setting \"{}\", did you mean \"{}\"?", source, shown(key), near);
  });
  TrainConfig config = base;
  each_setting(config, [&](const char* key, auto& member, const auto&... limit) {
    const Json::json_pointer place = place_of(key);
    if (json.contains(place) && !from_value(json[place], member))
      fail_input("{}: \"{}\" is {}, expected {}", source, key, shown(json[place]), expected(member, json[place], limit...));
  });
  return config;
}

Loss loss_of(const TrainConfig& config) { return config.loss.value_or(find_model(config.model).loss); }

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
  if (c.dev_every < 0 || c.dev_every == 1) fail_input("--dev-every {}: expected 0, or 2 or more", c.dev_every);
  if (c.fold.of == 1) fail_input("--folds 1: expected 0, or 2 or more");
  if (c.fold.part < 0 || c.fold.part > c.fold.of)
    fail_input("fold.part {}: expected 0 to {}, as fold.of (--folds) says", c.fold.part, c.fold.of);
  const int ways = !c.dev_data.empty() + (c.dev_rows > 0) + (c.dev_every > 0) + (c.dev_share > 0);
  if (ways > 1) fail_input("--dev, --dev-rows, --dev-every, --dev-share: expected one of them");
  if (!c.dev_names.empty() && c.dev_every == 0 && c.dev_share == 0)
    fail_input("--dev-names {}: needs --dev-every or --dev-share", c.dev_names);
}

}  // namespace

void expect_used(const TrainConfig& c) {
  const TrainConfig usual;
  const OptimizerOptions &o = c.optimizer, &usual_o = usual.optimizer;
  const std::string_view rule = name_of(o.kind);
  const bool is_adam = o.kind == OptimizerKind::adam || o.kind == OptimizerKind::adamw;
  const auto used = [](bool holds, bool is_usual, const char* what, std::string_view why) {
    if (!holds && !is_usual) fail_input("{}: nothing would read it: {}", what, why);
  };
  const auto of_rule = [&](bool holds, bool is_usual, const char* what, const char* whose) {
    used(holds, is_usual, what, fmt::format("it is of {}, the optimizer is {}", whose, rule));
  };
  of_rule(!is_adam, o.momentum == usual_o.momentum, "--momentum", "sgd and rmsprop");
  of_rule(o.kind == OptimizerKind::sgd, o.nesterov == usual_o.nesterov, "nesterov", "sgd");
  of_rule(o.kind == OptimizerKind::adamw, o.weight_decay == usual_o.weight_decay, "--weight-decay", "adamw");
  of_rule(o.kind == OptimizerKind::rmsprop, o.rho == usual_o.rho, "rho", "rmsprop");
  of_rule(is_adam, o.beta1 == usual_o.beta1, "beta1", "adam and adamw");
  of_rule(is_adam, o.beta2 == usual_o.beta2, "beta2", "adam and adamw");
  used(c.schedule == Schedule::cosine, c.final_share == usual.final_share, "--final-share", "the schedule is constant");
  used(c.plateau.patience > 0, c.plateau.factor == usual.plateau.factor && c.plateau.on == usual.plateau.on &&
       c.plateau.cooldown == usual.plateau.cooldown, "--plateau-factor, --plateau-on, plateau.cooldown",
       "without --plateau-patience nothing lowers the rate");
  used(c.stop.patience > 0, c.stop.on == usual.stop.on, "--stop-on", "without --stop-patience nothing stops it");
  used(find_backbone(c.model) || c.model == "cnn", c.head.dropout == usual.head.dropout, "--dropout",
       fmt::format("{} drops nothing", c.model));
  if (c.crop.from != usual.crop.from || c.crop.margin != usual.crop.margin)
    used(!c.data.empty() && holds_photographs(c.data), false, "--crop, --margin", "no faces are cut out of photographs");
  used(c.data.empty(), c.drawn_gaps == usual.drawn_gaps, "drawn_gaps", "no faces are drawn");
  used(!c.weights.empty(), !c.allow_partial, "--allow-partial", "there are no --weights to take a part of");
  used(c.augment == Augmentation::fresh, c.draws == usual.draws, "augment.rotation to augment.erase",
       "they are of --augment fresh");
}

void validate(const TrainConfig& c) {
  const OptimizerOptions& o = c.optimizer;
  each_setting(c, [](const char*, const auto& member, const auto&... limit) {
    (expect_within(member, limit.name, limit.bounds), ...);
  });
  find_model(c.model, {}, {.deviations = row_of(loss_of(c)).deviations});
  validate(c.head);
  expect_head(c.model, c.head);
  validate_data(c);
  validate(c.draws);
  if (c.precision != Precision::f32 && c.device == Device::cpu)
    fail_input("--precision {}: the CPU computes in f32 alone; leave it out, or use --device cuda",
               name_of(c.precision));
  if (o.nesterov && !(o.momentum > 0)) fail_input("nesterov: needs a --momentum above 0");
  if (c.warmup_epochs >= c.epochs)
    fail_input("--warmup-epochs {}: expected fewer than --epochs {}", c.warmup_epochs, c.epochs);
  if (c.stages.size() > kMostStages) fail_input("stages: {} of them, expected at most {}", c.stages.size(), kMostStages);
  for (const Stage& stage : c.stages) {
    expect_within(stage.epochs, "stages.epochs", within(1, kMostEpochs));
    expect_within(stage.rate, "stages.rate", above(0.0f));
  }
}

namespace {

template <Number T, Number Other>
void take_bounds(std::string_view option, const Limit<Other>& limit, Bounds<T>& bounds) {
  if constexpr (std::same_as<T, Other>)
    if (option == limit.name) bounds = limit.bounds;
}

}  // namespace

template <Number T>
Bounds<T> bounds_of(std::string_view option) {
  const TrainConfig usual;
  Bounds<T> found;
  each_setting(usual, [&](const char*, const auto&, const auto&... limit) {
    (take_bounds(option, limit, found), ...);
  });
  return found;
}
template Bounds<int> bounds_of(std::string_view);
template Bounds<uint64_t> bounds_of(std::string_view);
template Bounds<float> bounds_of(std::string_view);
template Bounds<double> bounds_of(std::string_view);

}  // namespace lineament
