#include "data/formats/imglab.h"

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/text_file.h"
#include "data/formats/csv.h"
#include "data/formats/labels.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMostXmlBytes = size_t{1} << 27;  // 40,000 faces of 68 points; a tree of it takes up to 16 times as much

struct Part {
  std::string name;
  double x, y;
};

/// A box and its parts, before it is known which set these are of.
struct ImglabFace {
  std::string photograph;
  FaceBox box;
  std::vector<Part> parts;
};

double number_of(const pugi::xml_node& node, const char* key, const std::string& where) {
  const pugi::xml_attribute attribute = node.attribute(key);
  const std::optional<double> value = place_of(attribute.value());
  if (!value)
    fail_input("{}: a {} whose {} is {}, expected px", where, node.name(), key,
               attribute ? excerpt(attribute.value()) : "not there");
  return *value;
}

ImglabFace read_box(const pugi::xml_node& box, const fs::path& photograph, const std::string& where) {
  ImglabFace face{.photograph = photograph.string(), .box = {}, .parts = {}};
  face.box = {number_of(box, "left", where), number_of(box, "top", where), number_of(box, "width", where),
              number_of(box, "height", where)};
  if (std::min(face.box.width, face.box.height) < kLeastSide)
    fail_input("{}: a box of {}x{} px has no area", where, face.box.width, face.box.height);
  std::set<std::string> names;
  for (const pugi::xml_node& part : box.children("part")) {
    const std::string name = part.attribute("name").value();
    if (!names.insert(name).second) fail_input("{}: part {} comes twice in a box", where, excerpt(name));
    face.parts.push_back({name, number_of(part, "x", where), number_of(part, "y", where)});
  }
  return face;
}

std::vector<ImglabFace> read_boxes(const fs::path& path) {
  std::string text = read_text_file(path, "imglab's XML", kMostXmlBytes);
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer_inplace(text.data(), text.size());
  if (!result)
    fail_input("{}: is no XML: {}, at byte {}", path.string(), result.description(), result.offset);
  const pugi::xml_node images = document.child("dataset").child("images");
  if (!images) fail_input("{}: no imglab file, expected <dataset> with <images> in it", path.string());
  std::vector<ImglabFace> faces;
  for (const pugi::xml_node& image : images.children("image")) {
    const std::string name = image.attribute("file").value();
    const fs::path photograph = path_beside(path, name, path.string());
    const std::string where = fmt::format("{}: {}", path.string(), name);
    for (const pugi::xml_node& box : image.children("box"))
      if (!box.attribute("ignore").as_bool()) faces.push_back(read_box(box, photograph, where));
  }
  if (faces.empty()) fail_input("{}: no boxes, expected one for each face", path.string());
  return faces;
}

/// In the order in which they are first met.
std::vector<std::string> part_names(const std::vector<ImglabFace>& faces) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const ImglabFace& face : faces)
    for (const Part& part : face.parts)
      if (seen.insert(part.name).second) names.push_back(part.name);
  return names;
}

/// Of each point, as dlib shall sort them.
std::vector<std::string> written_names(const KeypointSet& set) {
  std::vector<std::string> names = set.points;
  if (set == ibug68())
    for (size_t k = 0; k < names.size(); ++k) names[k] = fmt::format("{:02}", k);
  return names;
}

void append_box(pugi::xml_node image, const LabelledFace& face, const std::vector<std::string>& names) {
  const auto whole = [](double px) { return static_cast<long long>(std::llround(px)); };
  const std::optional<FaceBox> box = box_of(face, CropFrom::box);
  if (!box) fail_input("{}: a face with neither points nor a box of any area", face.photograph);
  pugi::xml_node node = image.append_child("box");
  node.append_attribute("top") = whole(box->y);
  node.append_attribute("left") = whole(box->x);
  node.append_attribute("width") = std::max(1LL, whole(box->width));
  node.append_attribute("height") = std::max(1LL, whole(box->height));
  for (size_t k = 0; k < names.size(); ++k) {
    if (face.states[k] == PointState::missing) continue;
    pugi::xml_node part = node.append_child("part");
    part.append_attribute("name") = names[k].c_str();
    part.append_attribute("x") = whole(face.points[2 * k]);
    part.append_attribute("y") = whole(face.points[2 * k + 1]);
  }
}

}  // namespace

LabelledPhotographs read_imglab(const fs::path& path, const std::optional<KeypointSet>& set) {
  const std::vector<ImglabFace> boxes = read_boxes(path);
  std::vector<std::string> names = part_names(boxes);
  if (names.empty() && set) names = set->points;  // boxes alone: all points are missing
  const NamedSet named = set_of_names(names, set, path.string());
  LabelledPhotographs labelled{.set = named.set, .faces = {}};
  for (const ImglabFace& box : boxes) {
    LabelledFace& face = labelled.faces.emplace_back(unlabelled_face(box.photograph, named.set));
    face.box = box.box;
    for (const Part& part : box.parts) set_point(face, named.places.at(part.name), part.x, part.y, PointState::seen);
  }
  return labelled;
}

void write_imglab(const fs::path& path, const LabelledPhotographs& labelled) {
  const std::vector<std::string> names = written_names(labelled.set);
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node dataset = document.append_child("dataset");
  dataset.append_child("name").text() = labelled.set.name.c_str();
  pugi::xml_node images = dataset.append_child("images"), image;
  std::string photograph;
  for (const LabelledFace& face : labelled.faces) {
    if (!image || face.photograph != photograph) {
      image = images.append_child("image");
      image.append_attribute("file") = path_from(folder_of(path), face.photograph).c_str();
      photograph = face.photograph;
    }
    append_box(image, face, names);
  }
  std::ostringstream text;
  document.save(text, "  ");
  write_atomically(path, text.str());
}

}  // namespace lineament
