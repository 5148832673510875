// dlib's shape_predictor_trainer on 300-W-like photographs: what a forest of regression trees makes of the same faces.
//
//   dlib_landmarks FOLDER [--NAME VALUE ...]        FOLDER holds NAME.jpg and NAME.pts (68 points, coordinates from 1)
//
// Dev set: every sixth of the names that start with helen_, in sorted order, from the first; all others train.
// Box of a face: the square round the centre of its 68 points' extent whose side is the longer side of that extent times
// --margin, its corners rounded to whole pixels, for training and dev faces alike. Photographs are read as grey. Points are
// rounded to whole pixels for training, since a dlib::point is whole, and dlib rounds its answers too; errors are
// measured from the points as the file has them. Coordinates count from 0 at the centre of the first pixel.
#include <dlib/image_io.h>
#include <dlib/image_processing.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Point = dlib::dpoint;

constexpr int kPoints = 68;
constexpr int kEyeCorners[] = {36, 45};  // points 37 and 46, counted from 1

// Every setting is a number; those of dlib's own 68-point model, where it says them.
std::map<std::string, double> settings = {{"cascades", 10},     {"trees", 500}, {"depth", 4},  {"nu", 0.1},
                                          {"oversampling", 20}, {"jitter", 0},  {"pool", 400}, {"padding", 0},
                                          {"lambda", 0.1},      {"splits", 20}, {"margin", 1}, {"threads", 1},
                                          {"seed", 0},          {"verbose", 0}};
// A csv of the dev faces' errors; the trained predictor, as dlib writes it.
std::map<std::string, std::string> paths = {{"errors", ""}, {"save", ""}};

struct Faces {
  std::vector<std::string> names;
  dlib::array<dlib::array2d<unsigned char>> images;
  std::vector<std::vector<Point>> points;
  std::vector<std::vector<dlib::full_object_detection>> objects;  // of one face each
};

std::vector<Point> read_pts(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Point> points;
  std::string word;
  while (file >> word && word != "{") {
  }
  for (double x, y; file >> x >> y;) points.emplace_back(x - 1, y - 1);
  if (points.size() != kPoints)
    throw std::runtime_error(path.string() + ": " + std::to_string(points.size()) + " points");
  return points;
}

dlib::point rounded(const Point& p) { return {std::lround(p.x()), std::lround(p.y())}; }

dlib::rectangle box_of(const std::vector<Point>& points) {
  Point low = points[0], high = points[0];
  for (const Point& p : points) {
    low = {std::min(low.x(), p.x()), std::min(low.y(), p.y())};
    high = {std::max(high.x(), p.x()), std::max(high.y(), p.y())};
  }
  const Point centre = (low + high) / 2;
  const double half = settings["margin"] * std::max(high.x() - low.x(), high.y() - low.y()) / 2;
  return {rounded(centre - Point(half, half)), rounded(centre + Point(half, half))};
}

Faces read_faces(const fs::path& folder, const std::vector<std::string>& names) {
  Faces faces{.names = names, .images = {}, .points = {}, .objects = {}};
  faces.images.resize(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    dlib::load_image(faces.images[i], (folder / (names[i] + ".jpg")).string());
    faces.points.push_back(read_pts(folder / (names[i] + ".pts")));
    std::vector<dlib::point> parts;
    for (const Point& p : faces.points[i]) parts.push_back(rounded(p));
    faces.objects.push_back({dlib::full_object_detection(box_of(faces.points[i]), parts)});
  }
  return faces;
}

// Mean distance over the 68 points, divided by that of the outer eye corners.
double normalised_error(const std::vector<Point>& truth, const dlib::full_object_detection& answer) {
  double sum = 0;
  for (int p = 0; p < kPoints; ++p) sum += length(truth[p] - Point(answer.part(p)));
  return sum / kPoints / length(truth[kEyeCorners[0]] - truth[kEyeCorners[1]]);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / values.size();
}

double failure_percent(const std::vector<double>& errors, double limit) {
  return 100.0 * std::count_if(errors.begin(), errors.end(), [=](double e) { return e > limit; }) /
         errors.size();
}

// Integral from 0 to limit of the share of faces with an error of at most e, over limit: a face adds limit - error.
double area_percent(const std::vector<double>& errors, double limit) {
  double sum = 0;
  for (double e : errors) sum += std::max(0.0, limit - e);
  return 100.0 * sum / limit / errors.size();
}

dlib::shape_predictor train(const Faces& faces) {
  dlib::shape_predictor_trainer trainer;
  trainer.set_cascade_depth(settings["cascades"]);
  trainer.set_num_trees_per_cascade_level(settings["trees"]);
  trainer.set_tree_depth(settings["depth"]);
  trainer.set_nu(settings["nu"]);
  trainer.set_oversampling_amount(settings["oversampling"]);
  trainer.set_oversampling_translation_jitter(settings["jitter"]);
  trainer.set_feature_pool_size(settings["pool"]);
  trainer.set_feature_pool_region_padding(settings["padding"]);
  trainer.set_lambda(settings["lambda"]);
  trainer.set_num_test_splits(settings["splits"]);
  trainer.set_num_threads(settings["threads"]);
  if (settings["seed"] != 0) trainer.set_random_seed(std::to_string(long(settings["seed"])));
  if (settings["verbose"] != 0) trainer.be_verbose();
  return trainer.train(faces.images, faces.objects);
}

void run(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".pts") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  std::vector<std::string> train_names, dev_names;
  int helen = 0;
  for (const std::string& name : names)
    (name.starts_with("helen_") && helen++ % 6 == 0 ? dev_names : train_names).push_back(name);

  const Faces train_faces = read_faces(folder, train_names), dev = read_faces(folder, dev_names);
  const auto start = std::chrono::steady_clock::now();
  const dlib::shape_predictor predictor = train(train_faces);
  const double train_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!paths["save"].empty()) dlib::serialize(paths["save"]) << predictor;

  const auto errors_of = [&](const Faces& faces) {
    std::vector<double> errors;
    for (size_t i = 0; i < faces.names.size(); ++i)
      errors.push_back(
          normalised_error(faces.points[i], predictor(faces.images[i], faces.objects[i][0].get_rect())));
    return errors;
  };
  const std::vector<double> errors = errors_of(dev);
  std::vector<double> rounding;  // what an answer without a fault would still miss, since it is whole
  for (size_t i = 0; i < dev.names.size(); ++i)
    rounding.push_back(normalised_error(dev.points[i], dev.objects[i][0]));

  if (!paths["errors"].empty()) {
    std::ofstream file(paths["errors"]);
    file << "name,nme\n" << std::setprecision(9);
    for (size_t i = 0; i < errors.size(); ++i) file << dev.names[i] << ',' << errors[i] << '\n';
    if (!file.flush()) throw std::runtime_error(paths["errors"] + ": not written");
  }
  std::printf(
      "{\"train_faces\": %zu, \"dev_faces\": %zu, \"nme_percent\": %.4f, \"failures_8_percent\": %.4f, "
      "\"failures_10_percent\": %.4f, \"auc_8_percent\": %.4f, \"train_nme_percent\": %.4f, "
      "\"nme_of_rounding_percent\": %.4f, \"train_s\": %.1f",
      train_faces.names.size(), errors.size(), 100 * mean(errors), failure_percent(errors, 0.08),
      failure_percent(errors, 0.10), area_percent(errors, 0.08), 100 * mean(errors_of(train_faces)),
      100 * mean(rounding), train_s);
  for (const auto& [name, value] : settings) std::printf(", \"%s\": %g", name.c_str(), value);
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argc % 2 != 0)
    throw std::invalid_argument("usage: dlib_landmarks FOLDER [--NAME VALUE ...]");
  for (int i = 2; i < argc; i += 2) {
    const std::string name = std::string(argv[i]).substr(0, 2) == "--" ? argv[i] + 2 : "";
    if (paths.contains(name))
      paths[name] = argv[i + 1];
    else if (settings.contains(name))
      settings[name] = std::stod(argv[i + 1]);
    else
      throw std::invalid_argument(std::string(argv[i]) + ": not an option");
  }
  run(argv[1]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "dlib_landmarks: %s\n", error.what());
  return dynamic_cast<const std::invalid_argument*>(&error) ? 2 : 1;
}
