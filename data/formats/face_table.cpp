// Fields to faces and back: columns by name, coordinates exactly, pixels by a hand-written digit loop.
#include "data/formats/face_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "data/contest.h"
#include "data/formats/csv.h"

namespace lineament {
namespace {

constexpr std::string_view kImageName = "Image", kIdName = "ImageId";
constexpr int kImageColumn = -1, kIdColumn = -2, kLeftOutColumn = -3;  // any other is a coordinate of the set

/// The point that a column "nose_tip_x" is a coordinate of; empty where it is none.
std::string_view point_of(std::string_view column) {
  const bool is_coordinate = column.size() > 2 && (column.ends_with("_x") || column.ends_with("_y"));
  return is_coordinate ? column.substr(0, column.size() - 2) : std::string_view{};
}

/// The points that the header names, each by both of its columns.
KeypointSet set_of(CsvReader& csv) {
  std::vector<std::string> points;
  for (const std::string& name : csv.header()) {
    const std::string point(point_of(name));
    if (point.empty() || std::ranges::find(points, point) != points.end()) continue;
    csv.column(point + "_x"), csv.column(point + "_y");
    points.push_back(point);
  }
  if (points.empty()) csv.fail("no columns of coordinates such as nose_tip_x, nose_tip_y in the header");
  std::vector<std::string> sorted = points, contest = contest15().points;
  std::ranges::sort(sorted), std::ranges::sort(contest);
  return sorted == contest ? contest15() : keypoint_set_of("of the table", std::move(points), "header");
}

/// What each column holds; fills in the table's set and header. Fails unless every column that `labels` asks for is there.
std::vector<int> match_columns(CsvReader& csv, Labels labels, FaceTable& table) {
  if (labels == Labels::none) csv.column(kIdName);
  if (labels != Labels::none) table.set = set_of(csv);
  if (labels != Labels::only) csv.column(kImageName);
  const std::vector<std::string> coordinates = table.set.coordinate_names();
  std::vector<int> columns;
  for (const std::string& name : csv.header()) {
    const auto found = std::ranges::find(coordinates, name);
    if (found != coordinates.end() && labels != Labels::none)
      columns.push_back(static_cast<int>(found - coordinates.begin()));
    else if (name == kImageName)
      columns.push_back(kImageColumn);
    else if (name == kIdName && labels == Labels::none)
      columns.push_back(kIdColumn);
    else
      columns.push_back(kLeftOutColumn);
    (columns.back() == kLeftOutColumn ? table.left_out : table.header).push_back(name);
  }
  return columns;
}

/// Coordinates further out than a picture beside this one are a broken file, not a face that leaves its picture.
double read_coordinate(CsvReader& csv, size_t column, int side) {
  const std::string_view text = csv.fields()[column];
  if (text.empty()) return kMissing;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plausible = value >= -side && value <= 2 * side;  // false for NaN
  if (error != std::errc() || stop != text.data() + text.size() || !plausible)
    csv.fail_field(column, fmt::format("a coordinate of {}..{} px, or nothing", -side, 2 * side));
  return value;
}

size_t count_numbers(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) count += text[i] != ' ' && (i == 0 || text[i - 1] == ' ');
  return count;
}

/// The contest's shape, or a square of so many pixels.
PictureShape shape_of(std::string_view first_row) {
  const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(count_numbers(first_row)))));
  const PictureShape square{side, side, 1};
  const bool fits = square.values() == count_numbers(first_row) && side >= PictureShape::kLeast && side <= PictureShape::kMost;
  return fits ? square : contest::kShape;
}

/// Fills `pixels` from numbers of 0..255 between blanks. All but 0.5 % of the file passes this loop.
void read_pixels(CsvReader& csv, size_t column, std::span<uint8_t> pixels) {
  const std::string_view text = csv.fields()[column];
  const char* at = text.data();
  const char* const end = at + text.size();
  size_t count = 0;
  while (at != end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    const char* const start = at;
    unsigned value = 0;
    for (unsigned digit; at != end && (digit = static_cast<unsigned>(*at - '0')) < 10 && value < 256; ++at)
      value = 10 * value + digit;
    if (value > 255 || (at != end && *at != ' ')) {
      const std::string_view token(start, std::find(start, end, ' '));
      csv.fail(fmt::format("pixel {} is {}, expected a whole number of 0..255", count + 1, excerpt(token)));
    }
    if (count < pixels.size()) pixels[count] = static_cast<uint8_t>(value);
    ++count;
  }
  if (count != pixels.size()) csv.fail(fmt::format("{} pixels, expected {}", count, pixels.size()));
}

}  // namespace

FaceTable read_face_table(TextStream source, Labels labels, std::optional<PictureShape> shape) {
  CsvReader csv(read_ahead(std::move(source)));
  FaceTable table;
  const std::vector<int> columns = match_columns(csv, labels, table);
  const auto image = std::ranges::find(columns, kImageColumn);
  std::unordered_set<int> seen;
  while (csv.next()) {
    if (!shape)
      shape = image == columns.end() ? contest::kShape
                                     : shape_of(csv.fields()[static_cast<size_t>(image - columns.begin())]);
    table.shape = *shape;
    const size_t values = table.shape.values();
    LabelRow row(static_cast<size_t>(table.set.coordinates()), kMissing);
    int id = static_cast<int>(table.size()) + 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == kImageColumn) {
        table.pixels.resize(table.pixels.size() + values);
        read_pixels(csv, i, std::span(table.pixels).last(values));
      } else if (columns[i] == kIdColumn) {
        id = csv.id(i);
        if (!seen.insert(id).second) csv.fail(fmt::format("ImageId {} comes twice", id));
      } else if (columns[i] != kLeftOutColumn) {
        const auto coordinate = static_cast<size_t>(columns[i]);
        row[coordinate] = read_coordinate(csv, i, coordinate % 2 ? table.shape.height : table.shape.width);
      }
    }
    table.labels.push_back(std::move(row));
    table.ids.push_back(id);
  }
  return table;
}

void write_face_table(const std::filesystem::path& path, const FaceTable& table) {
  std::array<std::string, 256> digits;
  for (int value = 0; value < 256; ++value) digits[static_cast<size_t>(value)] = fmt::format("{}", value);
  const std::vector<std::string> coordinates = table.set.coordinate_names();
  const size_t values = table.shape.values();

  AtomicFile file(path);
  std::string line;
  for (const std::string& name : table.header) line += name + ',';
  line.back() = '\n';
  file.write(line);
  for (size_t row = 0; row < table.size(); ++row) {
    line.clear();
    for (const std::string& name : table.header) {
      const auto found = std::ranges::find(coordinates, name);
      if (found != coordinates.end()) {
        const double value = table.labels[row][static_cast<size_t>(found - coordinates.begin())];
        if (!std::isnan(value)) fmt::format_to(std::back_inserter(line), "{}", value);
      } else if (name == kIdName) {
        fmt::format_to(std::back_inserter(line), "{}", table.ids[row]);
      } else {
        const uint8_t* pixels = table.pixels.data() + row * values;
        for (size_t i = 0; i < values; ++i) (line += digits[pixels[i]]) += i + 1 < values ? " " : "";
      }
      line += ',';
    }
    line.back() = '\n';
    file.write(line);
  }
  file.commit();
}

FaceTable FaceTable::select(std::span<const size_t> rows) const {
  FaceTable chosen{.set = set, .shape = shape, .header = header, .left_out = left_out, .labels = {}, .pixels = {}, .ids = {}};
  const size_t values = shape.values();
  if (!pixels.empty()) chosen.pixels.reserve(rows.size() * values);
  for (size_t row : rows) {
    chosen.labels.push_back(labels[row]);
    chosen.ids.push_back(ids[row]);
    if (!pixels.empty()) {
      const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(row * values);
      chosen.pixels.insert(chosen.pixels.end(), first, first + static_cast<std::ptrdiff_t>(values));
    }
  }
  return chosen;
}

}  // namespace lineament
