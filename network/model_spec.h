// All that a checkpoint must know to answer: the network, the points it answers, the pictures it takes.
#pragma once
#include <string>
#include <string_view>

#include "data/face_crop.h"
#include "data/keypoint_set.h"
#include "data/picture_shape.h"
#include "models/models.h"

namespace lineament {

struct ModelSpec {
  std::string model = "cnn";
  HeadOptions head = {};
  KeypointSet set = contest15();
  bool deviations = false;  // whether it says how far off each point may be
  PictureShape picture = {};
  FaceCrop crop = {.from = CropFrom::whole};  // how the faces that it learned from were cut out

  /// The function that traces it. InputError as find_model().
  Model build() const { return find_model(model, head, {picture, set.coordinates(), deviations}); }
  bool operator==(const ModelSpec&) const = default;
};

std::string to_json(const ModelSpec& spec);
/// InputError, by `source`, for what to_json() does not write.
ModelSpec parse_model_spec(std::string_view json, std::string_view source);

}  // namespace lineament
