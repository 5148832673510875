#include "train/training_data.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>

#include "base/check.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/drawn/synthetic.h"
#include "data/fingerprint.h"
#include "data/fit.h"
#include "data/labelled_data.h"
#include "data/parts.h"
#include "network/losses.h"

namespace lineament {
namespace {

constexpr size_t kDevRows = 500;       // the study's
constexpr size_t kDrawnDevRows = 200;  // of the 628 complete faces among the default drawn ones

Faces first_rows(Faces faces, size_t rows) {
  if (rows == 0 || rows >= faces.size()) return faces;
  std::vector<size_t> first(rows);
  std::iota(first.begin(), first.end(), size_t{0});
  return faces.select(first);
}

/// What the config leaves open is as `usual`.
PictureShape shape_of(const TrainConfig& config, const PictureShape& usual) {
  const PictureShape& asked = config.picture;
  return {.height = asked.height > 0 ? asked.height : usual.height,
          .width = asked.width > 0 ? asked.width : usual.width,
          .channels = asked.channels > 0 ? asked.channels : usual.channels};
}

void note(std::vector<std::string>* notes, std::string line) {
  if (notes) notes->push_back(std::move(line));
}

Faces faces_of_photographs(const TrainConfig& config, const std::string& data, const std::optional<KeypointSet>& set,
                           std::vector<std::string>* notes) {
  LabelledPhotographs labelled = read_photographs(data, set);
  for (const std::string& line : labelled.notes) note(notes, line);
  if (config.rows > 0 && labelled.faces.size() > static_cast<size_t>(config.rows))
    labelled.faces.resize(static_cast<size_t>(config.rows));
  CutReport report;
  Faces faces = cut_faces(labelled, shape_of(config, PictureShape{}), config.crop, report);
  if (report.outside > 0)
    note(notes, fmt::format("{}: {} points lie outside their photographs; they are kept", data, report.outside));
  return faces;
}

Faces faces_of(const TrainConfig& config, const std::string& data, std::vector<std::string>* notes, const KeypointSet* named) {
  std::optional<KeypointSet> set;
  if (!config.points.empty()) set = named ? *named : find_keypoint_set(config.points);
  const size_t rows = static_cast<size_t>(config.rows);
  const KeypointSet& drawn = set && *set == ibug68() ? ibug68() : contest15();  // what other sets are derived from
  const auto draw = config.drawn_gaps ? synthetic_faces : synthetic_faces_complete;
  Faces faces = data.empty() ? draw(rows > 0 ? rows : kDefaultSyntheticRows, kDefaultSyntheticSeed, drawn)
                : holds_photographs(data)
                    ? faces_of_photographs(config, data, set, notes)
                    : first_rows(read_faces(data, Labels::given, notes), rows);
  if (set) faces = with_set(std::move(faces), *set);
  const PictureShape shape = shape_of(config, faces.shape);
  return shape == faces.shape ? faces : fitted(faces, shape);
}

}  // namespace

Faces load_faces(const TrainConfig& config, std::vector<std::string>* notes, const KeypointSet* named) {
  return faces_of(config, config.data, notes, named);
}

Split load_split(const TrainConfig& config, std::vector<std::string>* notes, const KeypointSet* named) {
  Faces faces = load_faces(config, notes, named);
  if (const std::vector<std::string> left_out = leave_out_unlabelled(faces); !left_out.empty())
    note(notes, fmt::format("{}: labelled in no row, so left out: {}", config.data, fmt::join(left_out, ", ")));
  if (!config.dev_data.empty()) {
    Faces dev = with_set(faces_of(config, config.dev_data, notes, named), faces.set);
    if (dev.shape != faces.shape) dev = fitted(dev, faces.shape);
    return split_of_fold({std::move(faces), std::move(dev)}, config.fold);
  }
  const size_t usual = config.data.empty() ? kDrawnDevRows : kDevRows;
  Split split = split_faces(faces, {.rows = config.dev_rows > 0 ? static_cast<size_t>(config.dev_rows) : usual,
                                    .every = config.dev_every,
                                    .share = config.dev_share,
                                    .names = config.dev_names});
  const auto with_gaps = split.dev.size() - static_cast<size_t>(std::ranges::count_if(split.dev.keypoints, is_complete));
  if (with_gaps > 0) note(notes, fmt::format("{}: {} of the {} dev rows have gaps", config.data, with_gaps, split.dev.size()));
  return split_of_fold(std::move(split), config.fold);
}

Split split_of_fold(Split all, const Fold& fold) {
  if (fold.of == 0 || fold.part == 0) return all;
  const std::vector<int> parts = parts_of(all.train, fold.of);
  std::vector<size_t> kept, left_out;
  for (size_t row = 0; row < parts.size(); ++row) (parts[row] == fold.part ? left_out : kept).push_back(row);
  return {all.train.select(kept), std::move(all.dev), all.train.select(left_out)};
}

DataUse use_of(const Split& split) {
  return {.faces = split.train.size(),
          .dev_faces = split.dev.size(),
          .fingerprint = stream_key(fingerprint(split.train), fingerprint(split.dev))};
}

size_t count_trained_on(const Faces& faces, const std::string& data, const TrainConfig& run, const KeypointSet& set) {
  const Faces trained = load_split(run, nullptr, &set).train;
  std::error_code ignored;
  const bool same_file = !data.empty() && !run.data.empty() && std::filesystem::equivalent(data, run.data, ignored);
  std::set<int> rows;
  if (same_file) rows.insert(trained.ids.begin(), trained.ids.end());
  std::set<uint64_t> pictures;
  for (size_t row = 0; row < trained.size(); ++row) pictures.insert(picture_fingerprint(trained, row));
  size_t count = 0;
  for (size_t row = 0; row < faces.size(); ++row)
    count += (row < faces.ids.size() && rows.contains(faces.ids[row])) || pictures.contains(picture_fingerprint(faces, row));
  return count;
}

ModelSpec spec_of(const TrainConfig& config, const Faces& faces) {
  const bool whole = faces.names.empty();
  return {.model = config.model,
          .head = config.head,
          .set = faces.set,
          .deviations = row_of(loss_of(config)).deviations,
          .picture = faces.shape,
          .crop = whole ? FaceCrop{.from = CropFrom::whole} : config.crop};
}

}  // namespace lineament
