#include "data/formats/labels.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/check.h"
#include "data/formats/csv.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// The numbers that the names are, where these are 0 to n - 1 or 1 to n, as indices from 0; else nothing.
std::vector<int> indices_of(const std::vector<std::string>& names) {
  std::vector<int> numbers;
  for (const std::string& name : names) {
    int number = -1;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || stop != name.data() + name.size() || number < 0) return {};
    numbers.push_back(number);
  }
  const int least = numbers.empty() ? 0 : std::ranges::min(numbers);
  for (int& number : numbers) number -= least;
  std::vector<int> sorted = numbers, wanted(numbers.size());
  std::ranges::sort(sorted);
  std::iota(wanted.begin(), wanted.end(), 0);
  return least <= 1 && sorted == wanted ? numbers : std::vector<int>{};
}

}  // namespace

std::optional<double> place_of(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || !is_place(value)) return {};
  return value;
}

LabelledFace unlabelled_face(std::string photograph, const KeypointSet& set) {
  return {.photograph = std::move(photograph),
          .points = std::vector<double>(static_cast<size_t>(set.coordinates()), std::nan("")),
          .states = std::vector<PointState>(set.points.size(), PointState::missing)};
}

void set_point(LabelledFace& face, int k, double x, double y, PointState state) {
  face.points[static_cast<size_t>(2 * k)] = x;
  face.points[static_cast<size_t>(2 * k + 1)] = y;
  face.states[static_cast<size_t>(k)] = state;
}

int known_points(const LabelledFace& face) {
  return static_cast<int>(face.states.size() - static_cast<size_t>(std::ranges::count(face.states, PointState::missing)));
}

NamedSet set_of_names(const std::vector<std::string>& names, const std::optional<KeypointSet>& given,
                      std::string_view source) {
  for (const std::string& name : names)
    if (has_control_characters(name)) fail_input("{}: {} cannot be the name of a keypoint", source, excerpt(name));
  const std::string title = fmt::format("points{}", names.size());  // not the file's: two files are of one set
  const KeypointSet own = keypoint_set_of(title, names, source);     // says what is wrong with the names, if anything

  const auto by_name = [&](const KeypointSet& set) {
    NamedSet named{set, {}};
    for (const std::string& name : names) named.places[name] = set.find(name);
    return named;
  };
  const auto has_all = [&](const KeypointSet& set) {
    return std::ranges::all_of(names, [&](const std::string& name) { return set.find(name) >= 0; });
  };
  const auto has_as_many = [&](const KeypointSet& set) { return set.points.size() == names.size(); };

  if (given && has_all(*given)) return by_name(*given);
  for (const KeypointSet* set : built_in_sets())
    if (has_as_many(*set) && has_all(*set)) return by_name(*set);
  if (const std::vector<int> indices = indices_of(names); !indices.empty()) {
    NamedSet named{given && has_as_many(*given) ? *given : set_of_count(static_cast<int>(names.size())), {}};
    for (size_t i = 0; i < names.size(); ++i) named.places[names[i]] = indices[i];
    return named;
  }
  return by_name(own);
}

KeypointSet set_of_count(int points) {
  for (const KeypointSet* set : built_in_sets())
    if (set->size() == points) return *set;
  std::vector<std::string> names;
  for (int k = 1; k <= points; ++k) names.push_back(fmt::format("point_{}", k));
  return keypoint_set_of(fmt::format("points{}", points), std::move(names), "a set of counted points");
}

fs::path path_beside(const fs::path& file, std::string_view name, std::string_view source) {
  if (name.empty() || has_control_characters(name))
    fail_input("{}: the photograph's path is {}, expected the name of a file", source, excerpt(name));
  return folder_of(file) == "." ? fs::path(name) : folder_of(file) / name;
}

std::string path_from(const fs::path& folder, const fs::path& photograph) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(folder), error);
  const fs::path file = error ? photograph : fs::weakly_canonical(fs::absolute(photograph), error);
  const fs::path relative = error ? fs::path() : file.lexically_relative(place);
  return (relative.empty() ? photograph : relative).generic_string();
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kShown = 8;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i ? ", " : "") + excerpt(names[i]);
  return names.size() <= kShown ? text : fmt::format("{} and {} more", text, names.size() - kShown);
}

}  // namespace lineament
