#include "network/saved_network.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "network/default_model.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "lineament checkpoint ";
constexpr int kVersion = 2;

/// Version 1 had the head in the training's settings, and nothing of points and pictures.
ModelSpec spec_of_version_1(const Metadata& metadata, std::string_view source) {
  ModelSpec spec;
  spec.model = metadata.contains("model") ? metadata.at("model") : "";
  if (!metadata.contains("config") || metadata.at("config").empty()) return spec;
  const Json config = parse_json(metadata.at("config"), source);
  if (!config.is_object() || !config.contains("head") || !config["head"].is_object()) return spec;
  const Json& head = config["head"];
  spec.head.front_kernel = head.value("front_kernel", spec.head.front_kernel);
  spec.head.front_channels = head.value("front_channels", spec.head.front_channels);
  spec.head.dense = head.value("dense", spec.head.dense);
  spec.head.dropout = head.value("dropout", spec.head.dropout);
  validate(spec.head);
  return spec;
}

/// As they are kept: kernels in 16 bits where `half`.
std::vector<TensorName> names_of(const Parameters& parameters, bool half) {
  std::vector<TensorName> names;
  for (const Parameter& p : parameters.all()) names.push_back({p.name, p.desc.shape, half && p.desc.shape.rank() > 1 ? "F16" : "F32"});
  return names;
}

constexpr const char* kNumbers = "numbers";  // metadata: "f16" of a file whose kernels have 16 bits

}  // namespace

ModelSpec read_spec(const SafetensorsReader& file) {
  const std::string source = file.path().string();
  const Metadata& metadata = file.metadata();
  const std::string format = metadata.contains("format") ? metadata.at("format") : "";
  if (!format.starts_with(kFormat))
    fail_input("{}: is no checkpoint of lineament: its metadata do not say so; expected a file that `lineament train` wrote",
               source);
  const std::string version = format.substr(kFormat.size());
  if (version == "1") return spec_of_version_1(metadata, source);
  if (version != fmt::format("{}", kVersion))
    fail_input("{}: a checkpoint of version {}, this program reads 1 to {}: it takes a newer lineament", source, version,
               kVersion);
  if (!metadata.contains("spec")) fail_input("{}: its metadata lack \"spec\", what its network is", source);
  return parse_model_spec(metadata.at("spec"), source);
}

ModelSpec read_spec(const fs::path& path) { return read_spec(SafetensorsReader(path)); }

Metadata metadata_of(const ModelSpec& spec) {
  return {{"format", fmt::format("{}{}", kFormat, kVersion)}, {"spec", to_json(spec)}};
}

void require_tensors(const SafetensorsReader& file, const std::vector<TensorName>& wanted, std::string_view ignored,
                     std::string_view named, std::string_view model) {
  std::string first;
  size_t differences = 0;
  const auto note = [&](const std::string& text) {
    if (differences++ == 0) first = text;
  };
  std::set<std::string_view> names;
  for (const TensorName& tensor : wanted) {
    names.insert(tensor.name);
    const TensorEntry* stored = file.find(tensor.name);
    if (!stored)
      note(fmt::format("{} {} is missing", tensor.name, to_string(tensor.shape)));
    else if (stored->shape != tensor.shape || stored->dtype != tensor.dtype)
      note(fmt::format("{} is {} {}, expected {} {}", tensor.name, stored->dtype, to_string(stored->shape), tensor.dtype,
                       to_string(tensor.shape)));
  }
  for (const TensorEntry& stored : file.entries())
    if (!names.contains(stored.name) && (ignored.empty() || !stored.name.starts_with(ignored)))
      note(fmt::format("{} {} is not expected", stored.name, to_string(stored.shape)));
  if (differences == 0) return;
  const std::string others = differences > 1 ? fmt::format(" (and {} more differ)", differences - 1) : "";
  fail_input("{}: a checkpoint of {} does not fit {}: tensor {}{}", file.path().string(), named, model, first, others);
}

void load_network(const fs::path& path, std::string_view model, Parameters& parameters) {
  const SafetensorsReader file(path);
  require_tensors(file, names_of(parameters, file.metadata().contains(kNumbers)), kOptimizerPrefix, read_spec(file).model, model);
  for (const Parameter& parameter : parameters.all()) parameters.write(parameter, file.read(parameter.name));
}

void save_half(const fs::path& path, Metadata metadata, const Parameters& parameters) {
  metadata[kNumbers] = "f16";
  SafetensorsWriter file(path, names_of(parameters, true), metadata);
  for (const Parameter& parameter : parameters.all()) file.write(parameters.read(parameter));
  file.commit();
}

fs::path model_file_of(const fs::path& run_or_checkpoint) {
  if (run_or_checkpoint == kDefaultModel && !is_there(run_or_checkpoint)) return default_model_file();
  if (!is_there(run_or_checkpoint)) fail_input("{}: no such run or checkpoint", run_or_checkpoint.string());
  const fs::path file = is_folder(run_or_checkpoint) ? run_or_checkpoint / "model.safetensors" : run_or_checkpoint;
  if (!is_there(file))
    fail_input("{}: no model.safetensors in this folder, expected a run folder of `lineament train`",
               run_or_checkpoint.string());
  return file;
}

}  // namespace lineament
