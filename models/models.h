// The list of networks that find keypoints: a name, what it is, and the function that traces it.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "data/picture_shape.h"
#include "layers/scope.h"
#include "models/heads.h"

namespace lineament {

/// What a network is made for: pictures of a shape, how many coordinates it answers, and whether it says how far off each point
/// may be.
struct Task {
  PictureShape picture = {};
  int coordinates = 30;
  bool deviations = false;
};

/// What a network is trained to make small; network/losses has the table.
enum class Loss { mean_squared_error, l1, smooth_l1, wing, gaussian, laplace, cross_entropy };

struct Model {
  std::string name;     // as the command line calls it
  std::string summary;  // one line
  /// Of pictures [n,h,w,c] in [0,1].
  std::function<Answer(Scope& s, Value images, const Task& task)> build;
  Loss loss = Loss::mean_squared_error;  // when nothing else is said
  Task task = {};
};

/// All of them with the heads they have when nothing else is said.
std::span<const Model> models();
/// The network of that name with this head; the study's own small networks take of it the dropout alone.
/// InputError that lists the names where there is no such model, or where it cannot take such pictures or predict deviations.
Model find_model(std::string_view name, const HeadOptions& head = {}, const Task& task = {});

}  // namespace lineament
