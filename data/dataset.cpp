// Opening the contest's data: faces, the study's split, the lookup table.
#include "data/dataset.h"

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "data/formats/csv.h"

namespace lineament {

Faces read_faces(const std::filesystem::path& path, Labels labels) {
  FaceTable table = read_face_table(open_text(path, labels == Labels::none ? "test" : "training"), labels);
  Faces faces;
  faces.keypoints.resize(table.size());
  for (size_t row = 0; row < table.size(); ++row)
    std::ranges::transform(table.labels[row], faces.keypoints[row].begin(),
                           [](double v) { return static_cast<float>(v); });
  faces.pixels = std::move(table.pixels);
  faces.ids = std::move(table.ids);
  return faces;
}

Split split_faces(const Faces& faces, size_t dev_rows) {
  const auto complete = static_cast<size_t>(std::ranges::count_if(faces.keypoints, is_complete));
  if (complete < 2 * dev_rows)
    fail_input("{} complete rows, expected at least {} for a dev set of {}: ask for a smaller dev set",
               complete, 2 * dev_rows, dev_rows);
  std::vector<size_t> train, dev;
  for (size_t row = 0; row < faces.size(); ++row)
    (dev.size() < dev_rows && is_complete(faces.keypoints[row]) ? dev : train).push_back(row);
  return {faces.select(train), faces.select(dev)};
}

std::vector<Lookup> read_lookup(const std::filesystem::path& path) {
  CsvReader csv(open_text(path, "IdLookupTable"));
  const size_t row_id = csv.column("RowId"), image_id = csv.column("ImageId"),
               feature = csv.column("FeatureName");
  std::vector<Lookup> lookup;
  std::unordered_set<int> seen;
  while (csv.next()) {
    const auto name = std::ranges::find(kCoordinateNames, csv.fields()[feature]);
    if (name == kCoordinateNames.end()) csv.fail_field(feature, "a coordinate such as nose_tip_x");
    lookup.push_back({csv.id(row_id), csv.id(image_id), static_cast<int>(name - kCoordinateNames.begin())});
    if (!seen.insert(lookup.back().row_id).second)
      csv.fail(fmt::format("RowId {} comes twice", lookup.back().row_id));
  }
  return lookup;
}

}  // namespace lineament
