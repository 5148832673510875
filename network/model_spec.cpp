#include "network/model_spec.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"

namespace lineament {

using Json = nlohmann::ordered_json;

std::string to_json(const ModelSpec& spec) {
  const Json json{{"model", spec.model},
                  {"head",
                   {{"front_kernel", spec.head.front_kernel},
                    {"front_channels", spec.head.front_channels},
                    {"dense", spec.head.dense},
                    {"dropout", spec.head.dropout}}},
                  {"deviations", spec.deviations},
                  {"points", parse_json(to_json(spec.set), spec.set.name)},
                  {"picture",
                   {{"width", spec.picture.width}, {"height", spec.picture.height}, {"channels", spec.picture.channels}}},
                  {"crop", {{"from", name_of(spec.crop.from)}, {"margin", spec.crop.margin}}}};
  return json_text(json);
}

ModelSpec parse_model_spec(std::string_view text, std::string_view source) {
  const Json json = parse_json(text, source);
  try {
    const Json &head = json.at("head"), &picture = json.at("picture"), &crop = json.at("crop");
    ModelSpec spec{.model = json.at("model"),
                   .head = {.front_kernel = head.at("front_kernel"),
                            .front_channels = head.at("front_channels"),
                            .dense = head.at("dense"),
                            .dropout = head.at("dropout")},
                   .set = parse_keypoint_set(json_text(json.at("points")), source),
                   .deviations = json.value("deviations", false),
                   .picture = {.height = picture.at("height"), .width = picture.at("width"), .channels = picture.at("channels")},
                   .crop = {.from = parse_choice<CropFrom>(crop.at("from").get<std::string>(), "crop.from"),
                            .margin = crop.at("margin")}};
    validate(spec.head);
    validate(spec.picture);
    return spec;
  } catch (const Json::exception& error) {
    fail_input("{}: what its network answers is unreadable: {}", source, error.what());
  }
}

}  // namespace lineament
