// How often each row comes in an epoch.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/choice.h"
#include "data/faces.h"

namespace lineament {

enum class Sampling { rows, labels };

template <>
struct Choices<Sampling> {
  static constexpr Choice<Sampling> kRows[] = {
      {"rows", Sampling::rows, "each once an epoch"},
      {"labels", Sampling::labels, "as often as it has labelled points, beside the mean of all rows"},
  };
  static constexpr std::span<const Choice<Sampling>> rows() { return kRows; }
};

/// The examples of one epoch, as many as there are faces, in an order drawn from `key`. Number e is row e mod faces.size(), for the
/// e / faces.size()-th time: no two have the same number, so that each is a fresh face of its own. A row without a label never comes
/// by `labels`.
std::vector<uint64_t> epoch_order(const Faces& faces, Sampling sampling, uint64_t key);

}  // namespace lineament
