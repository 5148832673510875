// Fields to faces and back: columns by name, coordinates exactly, pixels by a hand-written digit loop.
#include "data/formats/face_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "data/formats/csv.h"

namespace lineament {
namespace {

constexpr std::string_view kImageName = "Image", kIdName = "ImageId";
constexpr int kImageColumn = -1, kIdColumn = -2;  // any other is an index into kCoordinateNames

/// What each column holds. Fails unless every column that `labels` asks for is there, and no other.
std::vector<int> match_columns(CsvReader& csv, Labels labels) {
  const std::string_view file = labels == Labels::none ? "test.csv" : "training.csv";
  std::vector<std::string_view> wanted;
  if (labels != Labels::none) wanted.assign(kCoordinateNames.begin(), kCoordinateNames.end());
  if (labels == Labels::none) wanted.push_back(kIdName);
  if (labels != Labels::only) wanted.push_back(kImageName);

  for (std::string_view name : wanted) csv.column(name);
  std::vector<int> columns;
  for (const std::string& name : csv.header()) {
    const auto found = std::ranges::find(kCoordinateNames, name);
    if (found != kCoordinateNames.end() && labels != Labels::none)
      columns.push_back(static_cast<int>(found - kCoordinateNames.begin()));
    else if (name == kImageName)
      columns.push_back(kImageColumn);
    else if (name == kIdName && labels == Labels::none)
      columns.push_back(kIdColumn);
    else
      csv.fail(
          fmt::format("unknown column {}, expected the columns of the contest's {}", excerpt(name), file));
  }
  return columns;
}

double read_coordinate(CsvReader& csv, size_t column) {
  const std::string_view text = csv.fields()[column];
  if (text.empty()) return kMissing;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plausible = value >= kLeastCoordinate && value <= kMostCoordinate;  // false for NaN
  if (error != std::errc() || stop != text.data() + text.size() || !plausible)
    csv.fail_field(column,
                   fmt::format("a coordinate of {}..{} px, or nothing", kLeastCoordinate, kMostCoordinate));
  return value;
}

/// Fills pixels[kPixels] from numbers of 0..255 between blanks. All but 0.5 % of the file passes this loop.
void read_pixels(CsvReader& csv, size_t column, uint8_t* pixels) {
  const std::string_view text = csv.fields()[column];
  const char* at = text.data();
  const char* const end = at + text.size();
  int count = 0;
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
    if (count < kPixels) pixels[count] = static_cast<uint8_t>(value);
    ++count;
  }
  if (count != kPixels) csv.fail(fmt::format("{} pixels, expected {}", count, kPixels));
}

}  // namespace

FaceTable read_face_table(TextStream source, Labels labels) {
  CsvReader csv(read_ahead(std::move(source)));
  FaceTable table;
  table.header = csv.header();
  const std::vector<int> columns = match_columns(csv, labels);
  std::unordered_set<int> seen;
  while (csv.next()) {
    LabelRow row;
    row.fill(kMissing);
    int id = static_cast<int>(table.size()) + 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == kImageColumn) {
        table.pixels.resize(table.pixels.size() + kPixels);
        read_pixels(csv, i, table.pixels.data() + table.pixels.size() - kPixels);
      } else if (columns[i] == kIdColumn) {
        id = csv.id(i);
        if (!seen.insert(id).second) csv.fail(fmt::format("ImageId {} comes twice", id));
      } else {
        row[static_cast<size_t>(columns[i])] = read_coordinate(csv, i);
      }
    }
    table.labels.push_back(row);
    table.ids.push_back(id);
  }
  return table;
}

void write_face_table(const std::filesystem::path& path, const FaceTable& table) {
  std::array<std::string, 256> digits;
  for (int value = 0; value < 256; ++value) digits[static_cast<size_t>(value)] = fmt::format("{}", value);

  AtomicFile file(path);
  std::string line;
  for (const std::string& name : table.header) line += name + ',';
  line.back() = '\n';
  file.write(line);
  for (size_t row = 0; row < table.size(); ++row) {
    line.clear();
    for (const std::string& name : table.header) {
      const auto found = std::ranges::find(kCoordinateNames, name);
      if (found != kCoordinateNames.end()) {
        const double value = table.labels[row][static_cast<size_t>(found - kCoordinateNames.begin())];
        if (!std::isnan(value)) fmt::format_to(std::back_inserter(line), "{}", value);
      } else if (name == kIdName) {
        fmt::format_to(std::back_inserter(line), "{}", table.ids[row]);
      } else {
        const uint8_t* pixels = table.pixels.data() + row * kPixels;
        for (int i = 0; i < kPixels; ++i) (line += digits[pixels[i]]) += i + 1 < kPixels ? " " : "";
      }
      line += ',';
    }
    line.back() = '\n';
    file.write(line);
  }
  file.commit();
}

FaceTable FaceTable::select(std::span<const size_t> rows) const {
  FaceTable chosen;
  chosen.header = header;
  if (!pixels.empty()) chosen.pixels.reserve(rows.size() * kPixels);
  for (size_t row : rows) {
    chosen.labels.push_back(labels[row]);
    chosen.ids.push_back(ids[row]);
    if (!pixels.empty()) {
      const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(row * kPixels);
      chosen.pixels.insert(chosen.pixels.end(), first, first + kPixels);
    }
  }
  return chosen;
}

}  // namespace lineament
