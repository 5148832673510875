// What to do about missing coordinates: leave them to a masked loss, drop their rows, or fill them in.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "data/faces.h"
#include "data/formats/face_table.h"

namespace lineament {

enum class Missing {
  mask,   // stay missing
  drop,   // rows with gaps go
  ffill,  // the value above; at the top the value below
  knn,    // mean of the 5 nearest rows that have it
};

/// InputError that lists the choices.
Missing parse_missing(std::string_view name);
std::string_view to_string(Missing method);

struct ImputeReport {
  std::array<size_t, kCoordinates> filled{};  // cells per column
  size_t filled_backward = 0;                 // of these, by ffill at the top, where nothing stands above
  std::vector<size_t> kept;                   // the rows that stay, by their index before
  size_t dropped = 0;                         // rows

  size_t cells() const;  // all that were filled
};

/// Acts on the labels in place. Give it the training rows alone, or the dev set leaks into them.
/// InputError for a column with no value at all (ffill, knn), or if no row is complete (drop).
ImputeReport impute(LabelTable& labels, Missing method);
ImputeReport impute(Faces& faces, Missing method);
ImputeReport impute(FaceTable& table, Missing method);

}  // namespace lineament
