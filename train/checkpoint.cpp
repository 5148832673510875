// First the list of tensors is compared with what the model wants; only then are they copied in.
#include "train/checkpoint.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/number.h"

namespace lineament {

namespace {

using nlohmann::json;

json optional_to_json(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }
std::optional<double> optional_from_json(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

constexpr char kBestDevMse[] = "best_loss";  // what files have called it from the first version on

std::string state_to_json(const TrainState& s) {
  return json{{"step", s.step},
              {"epoch", s.epoch},
              {kBestDevMse, optional_to_json(s.best_dev_mse)},
              {"best_epoch", s.best_epoch},
              {"stage", s.stage},
              {"stage_epoch", s.stage_epoch},
              {"stage_step", s.stage_step},
              {"plateau",
               {{"rate", s.plateau.rate},
                {"best", optional_to_json(s.plateau.best)},
                {"wait", s.plateau.wait},
                {"cooldown", s.plateau.cooldown}}},
              {"stopping",
               {{"best", optional_to_json(s.stopping.best)},
                {"best_epoch", s.stopping.best_epoch},
                {"wait", s.stopping.wait}}}}
      .dump();
}

TrainState state_from_json(const json& j) {
  const json &plateau = j.at("plateau"), &stopping = j.at("stopping");
  return {.step = j.at("step"),
          .epoch = j.at("epoch"),
          .best_dev_mse = optional_from_json(j.at(kBestDevMse)),
          .best_epoch = j.at("best_epoch"),
          .stage = j.at("stage"),
          .stage_epoch = j.at("stage_epoch"),
          .stage_step = j.at("stage_step"),
          .plateau = {.rate = plateau.at("rate"),
                      .best = optional_from_json(plateau.at("best")),
                      .wait = plateau.at("wait"),
                      .cooldown = plateau.at("cooldown")},
          .stopping = {.best = optional_from_json(stopping.at("best")),
                       .best_epoch = stopping.at("best_epoch"),
                       .wait = stopping.at("wait")}};
}

std::string data_to_json(const std::vector<DataUse>& data) {
  json list = json::array();
  for (const DataUse& use : data)
    list.push_back({{"from_epoch", use.from_epoch},
                    {"faces", use.faces},
                    {"dev_faces", use.dev_faces},
                    {"fingerprint", fmt::format("{:016x}", use.fingerprint)}});
  return list.dump();
}

std::vector<DataUse> data_from_json(const json& list) {
  std::vector<DataUse> data;
  for (const json& use : list) {
    const std::string& digits = use.at("fingerprint").get_ref<const std::string&>();
    DataUse& last = data.emplace_back(
        DataUse{.from_epoch = use.at("from_epoch"), .faces = use.at("faces"), .dev_faces = use.at("dev_faces")});
    std::from_chars(digits.data(), digits.data() + digits.size(), last.fingerprint, 16);
  }
  return data;
}

/// One tensor of a checkpoint: a parameter's values, or an optimiser's slot of it.
struct Entry {
  std::string name;
  const Parameter* parameter;
  int slot;  // -1: the values
};

std::vector<Entry> entries_of(const Parameters& parameters, const Optimizer* optimizer) {
  std::vector<Entry> entries;
  for (const Parameter& p : parameters.all()) entries.push_back({p.name, &p, -1});
  if (!optimizer) return entries;
  for (int slot = 0; slot < static_cast<int>(optimizer->slot_names().size()); ++slot)
    for (const Parameter& p : parameters.all())
      if (p.home == Home::parameters)
        entries.push_back(
            {fmt::format("{}{}/{}", kOptimizerPrefix, optimizer->slot_names()[slot], p.name), &p, slot});
  return entries;
}

CheckpointInfo info_of(const SafetensorsReader& file) {
  const auto text = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  CheckpointInfo info{read_spec(file), text("optimizer"), text("config"), {}, {}};
  const std::string source = file.path().string(), data = text("data");
  const json state = parse_json(text("state"), fmt::format("{}: where its training stood", source));
  try {
    info.state = state_from_json(state);
    if (!data.empty()) info.data = data_from_json(parse_json(data, fmt::format("{}: what it was trained on", source)));
  } catch (const json::exception&) {
    fail_input("{}: is no checkpoint of lineament: where its training stood is unreadable", source);
  }
  return info;
}

int64_t optimizer_steps(const SafetensorsReader& file) {
  const auto found = file.metadata().find("optimizer_steps");
  if (found == file.metadata().end())
    fail_input(
        "{}: holds no optimiser state, the training cannot be resumed from it; last.safetensors holds one",
        file.path().string());
  const std::optional<int64_t> steps = read_number<int64_t>(found->second);
  if (!steps || *steps < 0) fail_input("{}: its optimizer_steps are no number", file.path().string());
  return *steps;
}

Metadata metadata_of(const CheckpointInfo& info, const Optimizer* optimizer) {
  Metadata metadata = metadata_of(info.spec);
  metadata["optimizer"] = info.optimizer;
  metadata["config"] = info.config;
  metadata["state"] = state_to_json(info.state);
  if (!info.data.empty()) metadata["data"] = data_to_json(info.data);
  if (optimizer) metadata["optimizer_steps"] = fmt::format("{}", optimizer->steps());
  return metadata;
}

std::vector<TensorName> names_of(const std::vector<Entry>& entries) {
  std::vector<TensorName> names;
  for (const Entry& entry : entries) names.push_back({entry.name, entry.parameter->desc.shape});
  return names;
}

std::vector<float> read_entry(const Entry& entry, const Parameters& parameters, const Optimizer* optimizer) {
  return entry.slot < 0 ? parameters.read(*entry.parameter) : optimizer->read_slot(entry.slot, *entry.parameter);
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Parameters& parameters,
                     const Optimizer* optimizer, const CheckpointInfo& info) {
  const std::vector<Entry> entries = entries_of(parameters, optimizer);
  SafetensorsWriter file(path, names_of(entries), metadata_of(info, optimizer));
  for (const Entry& entry : entries) file.write(read_entry(entry, parameters, optimizer));
  file.commit();
}

CheckpointCopy copy_checkpoint(const std::filesystem::path& path, const Parameters& parameters,
                               const Optimizer* optimizer, const CheckpointInfo& info) {
  const std::vector<Entry> entries = entries_of(parameters, optimizer);
  CheckpointCopy copy{path, metadata_of(info, optimizer), names_of(entries), {}};
  for (const Entry& entry : entries) copy.values.push_back(read_entry(entry, parameters, optimizer));
  return copy;
}

void CheckpointCopy::write() const {
  SafetensorsWriter file(path, names, metadata);
  for (const std::vector<float>& tensor : values) file.write(tensor);
  file.commit();
}

CheckpointInfo load_checkpoint(const std::filesystem::path& path, const ModelSpec& wanted, Parameters& parameters,
                               Optimizer* optimizer) {
  const SafetensorsReader file(path);
  CheckpointInfo info = info_of(file);
  if (info.spec.model == wanted.model && info.spec.set != wanted.set)
    fail_input("{}: a checkpoint that answers {} ({} points), expected {} ({} points)", path.string(), info.spec.set.name,
               info.spec.set.size(), wanted.set.name, wanted.set.size());
  const std::vector<Entry> entries = entries_of(parameters, optimizer);
  require_tensors(file, names_of(entries_of(parameters, nullptr)), kOptimizerPrefix, info.spec.model,
                  wanted.model);  // another model: said before its optimiser
  const int64_t steps = optimizer ? optimizer_steps(file) : 0;
  if (optimizer)
    require_tensors(file, names_of(entries), "", fmt::format("{} trained with {}", info.spec.model, info.optimizer),
                    wanted.model);

  for (const auto& [name, parameter, slot] : entries) {
    const std::vector<float> values = file.read(name);
    if (slot < 0)
      parameters.write(*parameter, values);
    else
      optimizer->write_slot(slot, *parameter, values);
  }
  if (optimizer) optimizer->set_steps(steps);
  return info;
}

CheckpointInfo read_checkpoint_info(const std::filesystem::path& path) {
  return info_of(SafetensorsReader(path));
}

}  // namespace lineament
