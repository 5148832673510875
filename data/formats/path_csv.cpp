#include "data/formats/path_csv.h"

#include <algorithm>
#include <array>

#include "base/atomic_file.h"
#include "base/check.h"
#include "data/formats/csv.h"
#include "data/formats/labels.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 6> kPathNames = {"photograph", "image_path", "path", "file", "filename", "Image"};
constexpr std::array<std::string_view, 4> kBoxNames = {"box_x", "box_y", "box_width", "box_height"};
constexpr size_t kNoColumn = static_cast<size_t>(-1);

size_t find_column(const CsvReader& csv, std::string_view name) {
  const auto found = std::ranges::find(csv.header(), name);
  return found == csv.header().end() ? kNoColumn : static_cast<size_t>(found - csv.header().begin());
}

/// Of the first row: numbers between blanks.
bool are_pixels(std::string_view field) { return field.find_first_not_of("0123456789 ") == field.npos; }

/// The column of paths, once the first row is there; kNoColumn where there is none.
size_t path_column(const CsvReader& csv) {
  for (std::string_view name : kPathNames)
    if (const size_t column = find_column(csv, name);
        column != kNoColumn && (name != "Image" || !are_pixels(csv.fields()[column])))
      return column;
  return kNoColumn;
}

struct PointColumns {
  std::string name;
  size_t x = kNoColumn, y = kNoColumn, state = kNoColumn;
};

struct PathColumns {
  size_t path = kNoColumn;
  std::array<size_t, 4> box;  // all or none
  std::vector<PointColumns> points;
  std::vector<std::string> left_out;
};

PathColumns match_path_columns(CsvReader& csv) {
  PathColumns columns{.path = path_column(csv), .box = {}, .points = {}, .left_out = {}};
  if (columns.path == kNoColumn)
    csv.fail(fmt::format("no column of picture paths, expected one of {}", fmt::join(kPathNames, ", ")));
  std::ranges::transform(kBoxNames, columns.box.begin(), [&](std::string_view name) { return find_column(csv, name); });
  const auto absent = std::ranges::count(columns.box, kNoColumn);
  if (absent != 0 && absent != 4) csv.fail(fmt::format("{} come together or not at all", fmt::join(kBoxNames, ", ")));

  std::vector<bool> used(csv.header().size());
  used[columns.path] = true;
  if (absent == 0)
    for (const size_t column : columns.box) used[column] = true;
  for (size_t i = 0; i < used.size(); ++i) {
    const std::string_view header = csv.header()[i];
    if (used[i] || !header.ends_with("_x") || header.size() == 2) continue;
    PointColumns point{.name = std::string(header.substr(0, header.size() - 2)), .x = i};
    point.y = find_column(csv, point.name + "_y");
    point.state = find_column(csv, point.name + "_state");
    if (point.y == kNoColumn) continue;
    used[i] = used[point.y] = true;
    if (point.state != kNoColumn) used[point.state] = true;
    columns.points.push_back(std::move(point));
  }
  for (size_t i = 0; i < used.size(); ++i)
    if (!used[i]) columns.left_out.push_back(csv.header()[i]);
  if (columns.points.empty()) csv.fail("no columns NAME_x and NAME_y, expected some of each point");
  return columns;
}

double read_place(CsvReader& csv, size_t column) {
  const std::optional<double> px = place_of(csv.fields()[column]);
  if (!px) csv.fail_field(column, "px, or nothing in both columns of a point");
  return *px;
}

PointState read_state(CsvReader& csv, size_t column) {
  const std::string_view text = column == kNoColumn ? "" : csv.fields()[column];
  if (text.empty() || text == "seen") return PointState::seen;
  if (text == "hidden") return PointState::hidden;
  if (text == "missing") return PointState::missing;
  csv.fail_field(column, "seen, hidden or missing");
}

std::optional<FaceBox> read_path_box(CsvReader& csv, const std::array<size_t, 4>& columns) {
  if (columns[0] == kNoColumn) return {};
  const auto fields = csv.fields();
  if (std::ranges::all_of(columns, [&](size_t column) { return fields[column].empty(); })) return {};
  const FaceBox box{read_place(csv, columns[0]), read_place(csv, columns[1]), read_place(csv, columns[2]),
                    read_place(csv, columns[3])};
  if (std::min(box.width, box.height) < kLeastSide)
    csv.fail(fmt::format("a box of {}x{} px has no area", box.width, box.height));
  return box;
}

/// A name as a field; the reader splits at every comma.
std::string path_field(const std::string& name) {
  if (name.find_first_of(",\"\r\n") != name.npos)
    fail_input("{}: a comma, a quote or the end of a line in a name, which this csv cannot say", excerpt(name));
  return name;
}

std::string written_header(const KeypointSet& set, bool boxes, bool states) {
  std::string line = "photograph";
  if (boxes) line += fmt::format(",{}", fmt::join(kBoxNames, ","));
  for (const std::string& point : set.points) {
    if (point == "box") fail_input("a keypoint named box: this csv cannot tell it from a box");
    line += fmt::format(",{0}_x,{0}_y", path_field(point));
    if (states) line += fmt::format(",{}_state", point);
  }
  return line + "\n";
}

}  // namespace

bool holds_paths(const fs::path& path) {
  try {
    CsvReader csv(open_text(path, "training"));
    return csv.next() && path_column(csv) != kNoColumn;
  } catch (const InputError&) {
    return false;  // whoever reads it says why
  }
}

LabelledPhotographs read_path_csv(const fs::path& path, const std::optional<KeypointSet>& set) {
  CsvReader csv(open_text(path, "training"));
  LabelledPhotographs labelled;
  PathColumns columns;
  std::vector<int> places;
  while (csv.next()) {
    if (labelled.faces.empty()) {  // what Image holds, the first row says
      columns = match_path_columns(csv);
      std::vector<std::string> names;
      for (const PointColumns& point : columns.points) names.push_back(point.name);
      const NamedSet named = set_of_names(names, set, path.string());
      labelled.set = named.set;
      for (const std::string& name : names) places.push_back(named.places.at(name));
      if (!columns.left_out.empty())
        labelled.notes.push_back(fmt::format("{}: columns left out: {}", path.string(), some_of(columns.left_out)));
    }
    const std::string_view name = csv.fields()[columns.path];
    if (name.empty()) csv.fail_field(columns.path, "the path of a photograph");
    LabelledFace face = unlabelled_face(path_beside(path, name, path.string()).string(), labelled.set);
    face.box = read_path_box(csv, columns.box);
    for (size_t i = 0; i < places.size(); ++i) {
      const PointColumns& point = columns.points[i];
      const PointState state = read_state(csv, point.state);
      if (csv.fields()[point.x].empty() && csv.fields()[point.y].empty()) continue;
      const double x = read_place(csv, point.x), y = read_place(csv, point.y);
      if (state != PointState::missing) set_point(face, places[i], x, y, state);
    }
    labelled.faces.push_back(std::move(face));
  }
  return labelled;
}

void write_path_csv(const fs::path& path, const LabelledPhotographs& labelled) {
  const bool boxes = std::ranges::any_of(labelled.faces, [](const LabelledFace& face) { return face.box.has_value(); });
  const bool states = std::ranges::any_of(labelled.faces, [](const LabelledFace& face) {
    return std::ranges::find(face.states, PointState::hidden) != face.states.end();
  });
  AtomicFile file(path);
  file.write(written_header(labelled.set, boxes, states));
  for (const LabelledFace& face : labelled.faces) {
    std::string line = path_field(path_from(folder_of(path), face.photograph));
    const auto out = std::back_inserter(line);
    if (boxes && face.box)
      fmt::format_to(out, ",{},{},{},{}", face.box->x, face.box->y, face.box->width, face.box->height);
    else if (boxes)
      line += ",,,,";
    for (size_t k = 0; k < face.states.size(); ++k) {
      const PointState state = face.states[k];
      if (state == PointState::missing)
        line += ",,";
      else
        fmt::format_to(out, ",{},{}", face.points[2 * k], face.points[2 * k + 1]);
      if (states) line += state == PointState::hidden ? ",hidden" : state == PointState::seen ? ",seen" : ",";
    }
    file.write(line + "\n");
  }
  file.commit();
}

}  // namespace lineament
