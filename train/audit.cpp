#include "train/audit.h"

#include "network/predictor.h"
#include "train/folds.h"

namespace lineament {

Audit audit(const std::filesystem::path& path, const std::string& data) {
  Folds folds = read_folds(path, data);
  Audit result{.faces = std::move(folds.split.train), .answers = std::move(folds.answers.answers), .suspects = {}};
  std::vector<std::vector<float>> deviations = std::move(folds.answers.deviations);
  if (folds.config.dev_data.empty()) {  // then the dev rows are of this data
    const Faces& dev = folds.split.dev;
    const Answers said = Member::load(path, folds.config.device, folds.config.precision).answer(dev);
    result.faces.append(dev);
    result.answers.insert(result.answers.end(), said.points.begin(), said.points.end());
    deviations.insert(deviations.end(), said.deviations.begin(), said.deviations.end());
  }
  result.suspects = rank_suspects(result.faces.keypoints, result.answers, deviations);
  return result;
}

}  // namespace lineament
