#include "data/formats/coco.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/text_file.h"
#include "data/formats/csv.h"
#include "data/formats/labels.h"
#include "data/pictures/picture.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

using CocoJson = nlohmann::ordered_json;

constexpr size_t kMostCocoBytes = size_t{1} << 28;  // COCO's own 2017 training set has 239 MB

/// Reads one file; every complaint begins with its name.
class CocoReader {
 public:
  CocoReader(const fs::path& path, const std::optional<KeypointSet>& set)
      : path_(path), name_(path.string()), given_(set),
        json_(parse_json(read_text_file(path, "COCO's json of keypoints", kMostCocoBytes), name_)) {
    if (!json_.is_object()) fail("no COCO file, expected an object with images, annotations and categories");
  }

  LabelledPhotographs read() {
    find_category();
    find_images();
    for (const CocoJson& annotation : list(json_, "annotations", "the file")) add(annotation);
    note(without_keypoints_, "annotations without keypoints");
    note(of_others_, "annotations of other categories");
    if (labelled_.faces.empty()) fail("no annotation with keypoints");
    return std::move(labelled_);
  }

 private:
  template <class... T>
  [[noreturn]] void fail(fmt::format_string<T...> format, T&&... values) const {
    fail_input("{}: {}", name_, fmt::format(format, std::forward<T>(values)...));
  }
  void note(size_t count, const char* what) {
    if (count > 0) labelled_.notes.push_back(fmt::format("{}: {} {} left out", name_, count, what));
  }

  const CocoJson& member(const CocoJson& object, const char* key, const std::string& who) const {
    if (!object.is_object()) fail("{} is {}, expected an object", who, shown(object));
    const auto found = object.find(key);
    if (found == object.end()) fail("{} has no \"{}\"", who, key);
    return *found;
  }
  const CocoJson& list(const CocoJson& object, const char* key, const std::string& who) const {
    const CocoJson& value = member(object, key, who);
    if (!value.is_array()) fail("\"{}\" of {} is {}, expected a list", key, who, shown(value));
    return value;
  }
  int64_t id(const CocoJson& object, const char* key, const std::string& who) const {
    const CocoJson& value = member(object, key, who);
    if (!value.is_number_integer()) fail("\"{}\" of {} is {}, expected a whole number", key, who, shown(value));
    return value.get<int64_t>();
  }
  std::string text(const CocoJson& value, const char* key, const std::string& who) const {
    if (!value.is_string()) fail("\"{}\" of {} is {}, expected a text", key, who, shown(value));
    return value.get<std::string>();
  }
  double place(const CocoJson& value, const char* key, const std::string& who) const {
    const double px = value.is_number() ? value.get<double>() : std::nan("");
    if (!is_place(px)) fail("\"{}\" of {} has {}, expected px", key, who, shown(value));
    return px;
  }

  void find_category();
  void find_images();
  void add(const CocoJson& annotation);

  fs::path path_;
  std::string name_;
  const std::optional<KeypointSet>& given_;
  CocoJson json_;
  LabelledPhotographs labelled_;
  int64_t category_ = 0;
  std::map<int64_t, bool> categories_;  // and whether each is the one
  std::vector<int> places_;             // in the set, of each keypoint of the category
  std::unordered_map<int64_t, std::string> images_;
  size_t without_keypoints_ = 0, of_others_ = 0;
};

void CocoReader::find_category() {
  std::vector<std::string> others;
  const CocoJson* chosen = nullptr;
  for (const CocoJson& category : list(json_, "categories", "the file")) {
    const int64_t number = id(category, "id", "a category");
    const bool is_first = !chosen && category.contains("keypoints") && !list(category, "keypoints", "a category").empty();
    if (!categories_.emplace(number, is_first).second) fail("category {} comes twice", number);
    if (is_first)
      chosen = &category, category_ = number;
    else
      others.push_back(category.contains("name") ? text(category["name"], "name", "a category") : fmt::format("{}", number));
  }
  if (!chosen) fail("no category with \"keypoints\", the names of its points");
  if (!others.empty()) labelled_.notes.push_back(fmt::format("{}: categories left out: {}", name_, some_of(others)));

  std::vector<std::string> names;
  for (const CocoJson& point : (*chosen)["keypoints"]) names.push_back(text(point, "keypoints", "a category"));
  const NamedSet named = set_of_names(names, given_, name_);
  labelled_.set = named.set;
  for (const std::string& point : names) places_.push_back(named.places.at(point));
  const auto known = [&](const KeypointSet* set) { return *set == labelled_.set; };
  if (!chosen->contains("skeleton") || (given_ && *given_ == labelled_.set) || std::ranges::any_of(built_in_sets(), known))
    return;
  for (const CocoJson& line : list(*chosen, "skeleton", "a category")) {
    std::vector<int> ends;
    for (const CocoJson& end : line)
      if (const auto k = end.is_number_integer() ? end.get<int64_t>() : 0; k >= 1 && k <= std::ssize(names))
        ends.push_back(places_[static_cast<size_t>(k - 1)]);
    if (!line.is_array() || line.size() != 2 || ends.size() != 2)
      fail("\"skeleton\" has {}, expected pairs of points counted from 1 to {}", shown(line), names.size());
    labelled_.set.lines.push_back({ends[0], ends[1]});
  }
}

void CocoReader::find_images() {
  for (const CocoJson& image : list(json_, "images", "the file")) {
    const int64_t number = id(image, "id", "an image");
    const std::string who = fmt::format("image {}", number);
    const std::string file = text(member(image, "file_name", who), "file_name", who);
    fs::path photograph = path_beside(path_, file, name_);
    if (const fs::path below = folder_of(path_) / "images" / file;
        !is_there(photograph) && is_there(below))
      photograph = below;
    if (!images_.emplace(number, photograph.string()).second) fail("image {} comes twice", number);
  }
}

void CocoReader::add(const CocoJson& annotation) {
  const std::string who = annotation.is_object() && annotation.contains("id") ? "annotation " + shown(annotation["id"])
                                                                               : std::string("an annotation");
  const auto image = images_.find(id(annotation, "image_id", who));
  if (image == images_.end()) fail("{} is of image {}, which is not in the file", who, shown(annotation["image_id"]));
  const auto category = categories_.find(id(annotation, "category_id", who));
  if (category == categories_.end())
    fail("{} is of category {}, which is not in the file", who, shown(annotation["category_id"]));
  if (!category->second) return void(++of_others_);
  const auto count = annotation.find("num_keypoints");
  if (!annotation.contains("keypoints") || (count != annotation.end() && *count == 0)) return void(++without_keypoints_);

  const CocoJson& values = list(annotation, "keypoints", who);
  if (values.size() != 3 * places_.size())
    fail("{} has {} numbers for its keypoints, expected {}, three for each", who, values.size(), 3 * places_.size());
  LabelledFace face = unlabelled_face(image->second, labelled_.set);
  for (size_t k = 0; k < places_.size(); ++k) {
    const CocoJson& v = values[3 * k + 2];
    const double state = v.is_number() ? v.get<double>() : -1;
    if (state != 0 && state != 1 && state != 2)
      fail("{} says {} of keypoint {}, expected 0 (missing), 1 (hidden) or 2 (seen)", who, shown(v), k + 1);
    if (state != 0)
      set_point(face, places_[k], place(values[3 * k], "keypoints", who), place(values[3 * k + 1], "keypoints", who),
                state == 1 ? PointState::hidden : PointState::seen);
  }
  if (known_points(face) == 0) return void(++without_keypoints_);
  if (const auto box = annotation.find("bbox"); box != annotation.end()) {
    if (!box->is_array() || box->size() != 4) fail("\"bbox\" of {} is {}, expected x, y, width, height", who, shown(*box));
    double sides[4];
    for (size_t i = 0; i < 4; ++i) sides[i] = place((*box)[i], "bbox", who);
    face.box = FaceBox{sides[0], sides[1], sides[2], sides[3]};
    if (std::min(sides[2], sides[3]) < kLeastSide) fail("{} has a box of no area, {}", who, shown(*box));
  }
  labelled_.faces.push_back(std::move(face));
}

/// A text as JSON; the format is UTF-8.
std::string quoted_json(const std::string& text) {
  try {
    return CocoJson(text).dump();
  } catch (const CocoJson::type_error&) {
    fail_input("{}: a name that is no UTF-8, which json asks for", excerpt(text));
  }
}

std::string category_json(const KeypointSet& set) {
  std::vector<std::string> names;
  std::vector<std::array<int, 2>> skeleton;
  for (const std::string& point : set.points) names.push_back(quoted_json(point));
  for (const auto& [a, b] : set.lines) skeleton.push_back({a + 1, b + 1});
  return fmt::format(R"({{"id": 1, "name": "face", "supercategory": "person", "keypoints": [{}], "skeleton": {}}})",
                     fmt::join(names, ", "), CocoJson(skeleton).dump());
}

std::string annotation_json(const LabelledFace& face, size_t number, size_t image) {
  std::string keypoints;
  for (size_t k = 0; k < face.states.size(); ++k) {
    const bool missing = face.states[k] == PointState::missing;
    fmt::format_to(std::back_inserter(keypoints), "{}{}, {}, {}", k ? ", " : "", missing ? 0 : face.points[2 * k],
                   missing ? 0 : face.points[2 * k + 1], static_cast<int>(face.states[k]));
  }
  std::string text = fmt::format(R"({{"id": {}, "image_id": {}, "category_id": 1, "iscrowd": 0, "num_keypoints": {})", number,
                                 image, known_points(face));
  if (const std::optional<FaceBox> box = box_of(face, CropFrom::box); box && std::min(box->width, box->height) >= kLeastSide)
    fmt::format_to(std::back_inserter(text), R"(, "area": {}, "bbox": [{}, {}, {}, {}])", box->width * box->height, box->x,
                   box->y, box->width, box->height);
  return text + fmt::format(R"(, "keypoints": [{}]}})", keypoints);
}

}  // namespace

LabelledPhotographs read_coco(const fs::path& path, const std::optional<KeypointSet>& set) {
  return CocoReader(path, set).read();
}

void write_coco(const fs::path& path, const LabelledPhotographs& labelled) {
  std::map<std::string, size_t> numbers;
  std::vector<std::string> images, annotations;
  for (const LabelledFace& face : labelled.faces) {
    const auto [entry, is_new] = numbers.emplace(face.photograph, images.size() + 1);
    annotations.push_back(annotation_json(face, annotations.size() + 1, entry->second));
    if (!is_new) continue;
    const PictureSize size = read_picture_size(face.photograph);
    images.push_back(fmt::format(R"({{"id": {}, "file_name": {}, "width": {}, "height": {}}})", entry->second,
                                 quoted_json(path_from(folder_of(path), face.photograph)), size.width, size.height));
  }
  write_atomically(path, fmt::format("{{\"images\": [\n{}\n],\n\"annotations\": [\n{}\n],\n\"categories\": [\n{}\n]}}\n",
                                     fmt::join(images, ",\n"), fmt::join(annotations, ",\n"), category_json(labelled.set)));
}

}  // namespace lineament
