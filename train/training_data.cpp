#include "train/training_data.h"

#include <numeric>

#include "data/drawn/synthetic.h"

namespace lineament {
namespace {

constexpr size_t kDevRows = 500;       // the study's
constexpr size_t kDrawnDevRows = 200;  // of the 628 complete faces among the default drawn ones

}  // namespace

Faces load_faces(const TrainConfig& config) {
  const size_t rows = static_cast<size_t>(config.rows);
  if (config.data.empty()) return synthetic_faces(rows > 0 ? rows : kDefaultSyntheticRows);
  Faces faces = read_faces(config.data, Labels::given);
  if (rows == 0 || rows >= faces.size()) return faces;
  std::vector<size_t> first(rows);
  std::iota(first.begin(), first.end(), size_t{0});
  return faces.select(first);
}

Split load_split(const TrainConfig& config) {
  const size_t usual = config.data.empty() ? kDrawnDevRows : kDevRows;
  return split_faces(load_faces(config), config.dev_rows > 0 ? static_cast<size_t>(config.dev_rows) : usual);
}

}  // namespace lineament
