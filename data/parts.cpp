#include "data/parts.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace lineament {
namespace {

constexpr size_t kLongestBlock = 50;  // rows; longer ones would split fewer neighbours, and deal sources out worse
constexpr size_t kBlocksEach = 8;     // at least, of each part, where there are as many rows

}  // namespace

std::vector<int> parts_of(const Faces& faces, int count) {
  check(count > 0, "rows in {} parts", count);
  std::vector<size_t> order(faces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (!faces.names.empty())
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return faces.names[a] < faces.names[b]; });
  const auto same_photograph = [&](size_t a, size_t b) {
    return !faces.names.empty() && faces.names[a] == faces.names[b];
  };

  const size_t length = std::clamp(faces.size() / (kBlocksEach * static_cast<size_t>(count)), size_t{1}, kLongestBlock);
  std::vector<int> parts(faces.size());
  int block = -1;
  size_t rows = length;  // in the block so far
  for (size_t i = 0; i < order.size(); ++i) {
    if (rows >= length && (i == 0 || !same_photograph(order[i - 1], order[i]))) ++block, rows = 0;
    parts[order[i]] = block % count + 1;
    ++rows;
  }
  if (block + 1 < count)
    fail_input("{} rows{} to train on, expected at least as many as folds, {}", faces.size(),
               faces.names.empty() ? "" : fmt::format(" in {} photographs", block + 1), count);
  return parts;
}

}  // namespace lineament
