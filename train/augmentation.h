// What a training does to its faces, so that it does not learn them by heart.
#pragma once
#include <span>

#include "base/choice.h"

namespace lineament {

enum class Augmentation { none, study, fresh };

template <>
struct Choices<Augmentation> {
  static constexpr Choice<Augmentation> kRows[] = {
      {"none", Augmentation::none, ""},
      {"study", Augmentation::study,
       "the study's expanded set: turned, shifted, lit, noisy and blurred copies"},
      {"fresh", Augmentation::fresh, "every face anew in every epoch"},
  };
  static constexpr std::span<const Choice<Augmentation>> rows() { return kRows; }
};

}  // namespace lineament
