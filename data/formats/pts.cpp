// version: 1, n_points: 68, {, a line "x y" each, }
#include "data/formats/pts.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>

#include "base/check.h"
#include "base/staged_folder.h"
#include "base/text_file.h"
#include "data/formats/csv.h"
#include "data/formats/labels.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMostPtsBytes = size_t{1} << 20;  // 68 points take under 2 kB

bool is_pts(const fs::path& path) { return lower_extension(path) == ".pts"; }

bool is_photograph(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

/// Calls `see` for each file below that has no dot before its name, until it returns false.
template <class See>
void walk(const fs::path& folder, See see) {
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (hidden) at.disable_recursion_pending();
    std::error_code unknown;  // of a link that leads nowhere: whoever reads it says so
    if (hidden || at->is_directory(unknown)) continue;
    if (!see(at->path())) return;
  }
  if (error) fail_input("{}: cannot be read: {}", folder.string(), error.message());
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The points of one file, from 0, x and y in turn.
class PtsFile {
 public:
  explicit PtsFile(const fs::path& path) : name_(path.string()), text_(read_text_file(path, "a .pts file", kMostPtsBytes)) {
    std::string_view rest = text_;
    for (size_t end; !rest.empty(); rest.remove_prefix(end)) {
      end = std::min(rest.find('\n'), rest.size());
      ++line_;
      if (const std::string_view line = trimmed(rest.substr(0, end)); !line.empty()) take(line);
      end += end < rest.size();
    }
    if (place_ != kAfter) fail_input("{}: no }} at its end, it may be cut short", name_);
    if (points.size() != 2 * static_cast<size_t>(count_))
      fail_input("{}: {} points, expected {} as its n_points says", name_, points.size() / 2, count_);
  }

  std::vector<double> points;

 private:
  enum Place { kBefore, kWithin, kAfter };

  [[noreturn]] void refuse(std::string_view line, std::string_view expected) const {
    fail_input("{}:{}: {}, expected {}", name_, line_, excerpt(line), expected);
  }
  void take(std::string_view line) {
    if (place_ == kAfter) refuse(line, "nothing after the }");
    if (place_ == kWithin && line == "}") {
      place_ = kAfter;
    } else if (place_ == kWithin) {
      take_point(line);
    } else if (line == "{") {
      if (count_ == 0) fail_input("{}:{}: no n_points before the points", name_, line_);
      place_ = kWithin;
    } else {
      take_key(line);
    }
  }
  void take_key(std::string_view line) {
    const size_t colon = line.find(':');
    const std::string_view key = trimmed(line.substr(0, colon)),
                           value = colon == line.npos ? "" : trimmed(line.substr(colon + 1));
    if (key != "version" && key != "n_points") refuse(line, "version, n_points or {");
    if (key == "version") return;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), count_);
    if (error != std::errc() || stop != value.data() + value.size() || count_ < 1 || count_ > KeypointSet::kMostPoints)
      refuse(line, fmt::format("n_points: 1 to {}", KeypointSet::kMostPoints));
  }
  void take_point(std::string_view line) {
    const size_t gap = line.find_first_of(" \t");
    const std::optional<double> x = place_of(line.substr(0, gap)),
                                y = gap == line.npos ? std::nullopt : place_of(trimmed(line.substr(gap)));
    if (!x || !y) refuse(line, "x and y of a point");
    points.insert(points.end(), {*x - 1, *y - 1});
  }

  std::string name_, text_;
  Place place_ = kBefore;
  int line_ = 0, count_ = 0;
};

void write_plain(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) fail_input("{}: cannot be written; make room or name another place", path.string());
}

/// Where the photograph comes to lie below the new folder.
fs::path place_below(const fs::path& root, const fs::path& photograph) {
  const fs::path place = path_from(root, photograph);
  return place.is_absolute() || *place.begin() == ".." ? photograph.filename() : place;
}

}  // namespace

bool holds_pts(const fs::path& folder) {
  bool found = false;
  walk(folder, [&](const fs::path& path) {
    found = is_pts(path);
    return !found;
  });
  return found;
}

LabelledPhotographs read_pts(const fs::path& folder, const std::optional<KeypointSet>& set) {
  std::map<std::string, std::vector<fs::path>> labels, photographs;  // by path without extension
  walk(folder, [&](const fs::path& path) {
    if (is_pts(path)) labels[fs::path(path).replace_extension().string()].push_back(path);
    if (is_photograph(path)) photographs[fs::path(path).replace_extension().string()].push_back(path);
    return true;
  });
  if (labels.empty()) fail_input("{}: no .pts files in it, nor in its folders", folder.string());

  LabelledPhotographs labelled;
  for (auto& [stem, files] : labels) {
    std::vector<fs::path>& pictures = photographs[stem];
    std::ranges::sort(files), std::ranges::sort(pictures);
    if (files.size() > 1)
      fail_input("{}: the labels of one name are there twice, also in {}", files[0].string(), files[1].filename().string());
    if (pictures.empty()) fail_input("{}: no photograph beside it, expected {}.jpg, .jpeg or .png", files[0].string(), stem);
    if (pictures.size() > 1)
      fail_input("{}: two photographs beside it, {} and {}", files[0].string(), pictures[0].filename().string(),
                 pictures[1].filename().string());
    const PtsFile file(files[0]);
    const int count = static_cast<int>(file.points.size() / 2);
    if (labelled.faces.empty()) labelled.set = set && set->size() == count ? *set : set_of_count(count);
    if (count != labelled.set.size())
      fail_input("{}: {} points, expected {} as in {}", files[0].string(), count, labelled.set.size(),
                 labels.begin()->second[0].string());
    LabelledFace face = unlabelled_face(pictures[0].string(), labelled.set);
    for (int k = 0; k < count; ++k)
      set_point(face, k, file.points[static_cast<size_t>(2 * k)], file.points[static_cast<size_t>(2 * k + 1)],
                PointState::seen);
    labelled.faces.push_back(std::move(face));
  }
  const auto unlabelled = std::ranges::count_if(photographs, [&](const auto& entry) { return !labels.contains(entry.first); });
  if (unlabelled > 0)
    labelled.notes.push_back(fmt::format("{}: {} photographs without a .pts file left out", folder.string(), unlabelled));
  return labelled;
}

void write_pts(const fs::path& folder, const LabelledPhotographs& labelled, const fs::path& root) {
  for (const LabelledFace& face : labelled.faces)
    if (const int known = known_points(face); known < labelled.set.size())
      fail_input("{}: {} of its {} points are missing, which .pts cannot say: write csv, imglab or coco", face.photograph,
                 labelled.set.size() - known, labelled.set.size());
  StagedFolder staged(folder);
  std::set<std::string> taken;  // paths without extension
  for (const LabelledFace& face : labelled.faces) {
    if (!is_photograph(face.photograph))
      fail_input("{}: beside a .pts file lies a jpg or png", face.photograph);
    const fs::path place = place_below(root, face.photograph);
    fs::path stem = fs::path(place).replace_extension();
    for (int again = 2; !taken.insert(stem.string()).second; ++again)
      stem = fs::path(place).replace_extension() += fmt::format("_{}", again);
    const fs::path to = staged.path() / stem;
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (!error) fs::copy_file(face.photograph, fs::path(to) += place.extension(), error);
    if (error) fail_input("{}: cannot be copied: {}", face.photograph, error.message());
    std::string text = fmt::format("version: 1\nn_points: {}\n{{\n", labelled.set.size());
    for (size_t i = 0; i < face.points.size(); i += 2)
      fmt::format_to(std::back_inserter(text), "{} {}\n", face.points[i] + 1, face.points[i + 1] + 1);
    write_plain(fs::path(to) += ".pts", text + "}\n");
  }
  staged.commit();
}

}  // namespace lineament
