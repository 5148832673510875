// Opening the contest's data: faces and the lookup table.
#include "data/dataset.h"

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "data/formats/csv.h"

namespace lineament {

Faces read_faces(const std::filesystem::path& path, Labels labels, std::vector<std::string>* notes,
                 std::optional<PictureShape> shape) {
  TextStream source = open_text(path, labels == Labels::none ? "test" : "training");
  const std::string name = source.name;
  FaceTable table = read_face_table(std::move(source), labels, shape);
  if (notes && !table.left_out.empty())
    notes->push_back(fmt::format("{}: left out, no coordinates: column{} {}", name, table.left_out.size() > 1 ? "s" : "",
                                 fmt::join(table.left_out, ", ")));
  Faces faces{.set = table.set, .shape = table.shape};
  faces.keypoints.reserve(table.size());
  for (const LabelRow& row : table.labels) {
    faces.keypoints.emplace_back(row.size());
    std::ranges::transform(row, faces.keypoints.back().begin(), [](double v) { return static_cast<float>(v); });
  }
  faces.pixels = std::move(table.pixels);
  faces.ids = std::move(table.ids);
  return faces;
}

std::vector<Lookup> read_lookup(const std::filesystem::path& path) {
  CsvReader csv(open_text(path, "IdLookupTable"));
  const size_t row_id = csv.column("RowId"), image_id = csv.column("ImageId"),
               feature = csv.column("FeatureName");
  const std::vector<std::string> coordinates = contest15().coordinate_names();
  std::vector<Lookup> lookup;
  std::unordered_set<int> seen;
  while (csv.next()) {
    const auto name = std::ranges::find(coordinates, csv.fields()[feature]);
    if (name == coordinates.end()) csv.fail_field(feature, "a coordinate such as nose_tip_x");
    lookup.push_back({csv.id(row_id), csv.id(image_id), static_cast<int>(name - coordinates.begin())});
    if (!seen.insert(lookup.back().row_id).second)
      csv.fail(fmt::format("RowId {} comes twice", lookup.back().row_id));
  }
  return lookup;
}

}  // namespace lineament
