// What to do about missing coordinates: leave them to a masked loss, drop their rows, or fill them in.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "base/choice.h"
#include "data/faces.h"
#include "data/formats/face_table.h"
#include "data/label_table.h"

namespace lineament {

enum class Missing { mask, drop, ffill, knn };

template <>
struct Choices<Missing> {
  static constexpr Choice<Missing> kRows[] = {
      {"mask", Missing::mask, "leave them out of the loss"},
      {"drop", Missing::drop, "rows with gaps go"},
      {"ffill", Missing::ffill, "the value above; at the top the value below"},
      {"knn", Missing::knn, "the mean of the 5 nearest rows that have it"},
  };
  static constexpr std::span<const Choice<Missing>> rows() { return kRows; }
};

struct ImputeReport {
  std::vector<size_t> filled;                  // cells per column
  size_t filled_backward = 0;                 // of these, by ffill at the top, where nothing stands above
  std::vector<size_t> kept;                   // the rows that stay, by their index before
  size_t dropped = 0;                         // rows
  std::vector<size_t> unlabelled;             // columns without any value: they stay so, and make no row incomplete

  size_t cells() const;  // all that were filled
};

/// Acts on the labels in place. Give it the training rows alone, or the dev set leaks into them.
/// InputError if no row is complete (drop).
ImputeReport impute(LabelTable& labels, Missing method);
ImputeReport impute(Faces& faces, Missing method);
ImputeReport impute(FaceTable& table, Missing method);

}  // namespace lineament
