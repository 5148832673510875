// Answers in the lookup's order: RowId,Location.
#include "data/formats/submission.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/check.h"
#include "data/contest.h"
#include "data/formats/csv.h"

namespace lineament {

void write_submission(const std::filesystem::path& path, std::span<const Lookup> lookup,
                      std::span<const int> image_ids, std::span<const Keypoints> points) {
  check(image_ids.size() == points.size(), "submission: {} image ids for {} predictions", image_ids.size(),
        points.size());
  const std::vector<std::string> coordinates = contest15().coordinate_names();
  std::unordered_map<int, const Keypoints*> predicted;
  for (size_t i = 0; i < points.size(); ++i) predicted[image_ids[i]] = &points[i];

  AtomicFile file(path);
  file.write("RowId,Location\n");
  for (const Lookup& row : lookup) {
    const auto found = predicted.find(row.image_id);
    if (found == predicted.end())
      fail_input(
          "submission: row {} of the lookup table asks for image {}, which was not predicted: "
          "the table and the test set do not belong together",
          row.row_id, row.image_id);
    const auto coordinate = static_cast<size_t>(row.coordinate);
    const float location = (*found->second)[coordinate];
    if (!std::isfinite(location))
      fail_run("submission: {} predicted for image {} is {}", coordinates[coordinate], row.image_id,
               location);
    file.write(fmt::format("{},{}\n", row.row_id, std::clamp(location, 0.f, float{contest::kSide})));
  }
  file.commit();
}

void check_submission(const std::filesystem::path& path, std::span<const Lookup> lookup) {
  CsvReader csv(open_text(path, "submission"));
  const size_t id = csv.column("RowId"), location = csv.column("Location");
  size_t count = 0;
  for (; csv.next(); ++count) {
    if (count == lookup.size()) csv.fail(fmt::format("more rows than the lookup table's {}", lookup.size()));
    if (csv.id(id) != lookup[count].row_id) csv.fail_field(id, fmt::format("{}", lookup[count].row_id));
    const std::string_view text = csv.fields()[location];
    float value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || !(value >= 0 && value <= contest::kSide))
      csv.fail_field(location, fmt::format("0..{} px", contest::kSide));
  }
  if (count != lookup.size()) fail_input("{}: {} rows, expected {}", path.string(), count, lookup.size());
}

}  // namespace lineament
