// lineament predict: faces in, from pictures or csv; their fifteen keypoints out, as csv or JSON, and drawn.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/options.h"
#include "base/atomic_file.h"
#include "base/check.h"
#include "data/dataset.h"
#include "data/formats/csv.h"
#include "data/metrics.h"
#include "data/pictures/picture.h"
#include "report/sheet.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct PredictArguments {
  TrainedOptions trained;
  std::vector<std::string> inputs;
  std::vector<int> box;  // x, y, side; empty: the largest square in the middle
  std::string out, format = "csv";
  bool draw = false;
};

/// The square of a picture that the network sees, in the picture's pixels.
struct Square {
  int x, y, side;
};

/// One input and its faces: a picture has one, a table any number.
struct Input {
  std::string path;
  bool table = false;
  Square square{0, 0, kImageSize};
  Faces faces;
};

struct Answer {
  std::string image;  // "holiday.jpg", "test.csv:17" with the row's ImageId
  Keypoints points;   // in the picture's own pixels
};

bool is_table(const fs::path& path) {
  return fs::is_directory(path) || path.extension() == ".csv" || path.extension() == ".zip";
}

/// test.csv has ImageIds, training.csv has none.
Faces read_table(const fs::path& path) {
  const std::vector<std::string> header = CsvReader(open_text(path, "test")).header();
  const bool test = std::ranges::find(header, "ImageId") != header.end();
  return read_faces(path, test ? Labels::none : Labels::given);
}

Square square_of(const Picture& picture, const PredictArguments& options) {
  const int side = std::min(picture.width, picture.height);
  if (options.box.empty()) return {(picture.width - side) / 2, (picture.height - side) / 2, side};
  const Square box{options.box[0], options.box[1], options.box[2]};
  if (box.side < 1 || box.x < 0 || box.y < 0 || box.x > picture.width - box.side ||
      box.y > picture.height - box.side)
    fail_input("--box {} {} {}: not inside the picture, which has {}x{} pixels", box.x, box.y, box.side,
               picture.width, picture.height);
  return box;
}

Input read_input(const std::string& path, const PredictArguments& options) {
  if (!fs::exists(path)) fail_input("{}: no such file", path);
  Input input{.path = path, .table = is_table(path), .faces = {}};
  if (input.table) {
    input.faces = read_table(path);
    return input;
  }
  const Picture picture = to_grey(read_picture(path));
  const Square s = input.square = square_of(picture, options);
  input.faces.pixels = resize(crop(picture, s.x, s.y, s.side, s.side), kImageSize, kImageSize).pixels;
  input.faces.keypoints.resize(1);
  input.faces.ids = {1};
  return input;
}

/// Pixel centres stand at whole coordinates, in the face as in the picture.
Keypoints to_picture(const Keypoints& face, const Square& square) {
  const float scale = static_cast<float>(square.side) / kImageSize;
  Keypoints points;
  for (int i = 0; i < kCoordinates; ++i)
    points[i] = (face[i] + 0.5f) * scale - 0.5f + static_cast<float>(i % 2 == 0 ? square.x : square.y);
  return points;
}

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\n") == std::string::npos) return field;
  std::string out = "\"";
  for (char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string to_csv(const std::vector<Answer>& answers) {
  std::string text = "image";
  for (std::string_view name : kCoordinateNames) text += fmt::format(",{}", name);
  for (const Answer& answer : answers) {
    text += '\n' + quoted(answer.image);
    for (float v : answer.points) text += fmt::format(",{:.3f}", v);
  }
  return text + '\n';
}

std::string to_json(const std::vector<Answer>& answers) {
  nlohmann::ordered_json page = nlohmann::ordered_json::array();
  for (const Answer& answer : answers) {
    nlohmann::ordered_json points;
    for (int i = 0; i < kPoints; ++i)
      points[std::string(point_name(i))] = {answer.points[2 * i], answer.points[2 * i + 1]};
    page.push_back({{"image", answer.image}, {"keypoints", points}});
  }
  return page.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// The picture with its points; of a table, a sheet of its first faces.
Picture drawn(const Input& input, std::span<const Keypoints> points) {
  if (input.table) {
    std::vector<size_t> rows(std::min<size_t>(36, points.size()));
    std::iota(rows.begin(), rows.end(), 0);
    return sheet(input.faces, rows, points.first(rows.size()));
  }
  Picture picture = to_rgb(read_picture(input.path));
  const float radius = std::max(1.5f, static_cast<float>(input.square.side) / 60);
  draw_points(picture, to_picture(points[0], input.square), {.colour = kPredictionColour, .radius = radius});
  return picture;
}

/// A name in the folder that no other input of this call has.
fs::path drawing_path(const fs::path& folder, const fs::path& input, std::set<std::string>& used) {
  const std::string stem = input.has_stem() ? input.stem().string() : "faces";
  std::string name = stem;
  for (int i = 2; !used.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
  return folder / (name + ".png");
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_input("{}: cannot make this folder: {}", folder.string(), error.message());
}

void write(const PredictArguments& options, const std::string& text) {
  if (options.out.empty()) {
    fmt::print("{}", text);
    return;
  }
  const fs::path file = fs::path(options.out) / ("keypoints." + options.format);
  write_atomically(file, text);
  fmt::print("{}\n", file.string());
}

void run(const PredictArguments& options) {
  if (options.draw && options.out.empty()) fail_input("--draw: say where the pictures go, with --out FOLDER");
  Ensemble predictor = load_trained(options.trained);
  std::vector<Input> inputs;
  for (const std::string& path : options.inputs) inputs.push_back(read_input(path, options));
  if (!options.out.empty()) make_folder(options.out);

  std::vector<Answer> answers;
  std::set<std::string> used;
  for (const Input& input : inputs) {
    const std::vector<Keypoints> points = predictor.predict(input.faces);
    for (size_t i = 0; i < points.size(); ++i)
      answers.push_back({input.table ? fmt::format("{}:{}", input.path, input.faces.ids[i]) : input.path,
                         input.table ? points[i] : to_picture(points[i], input.square)});
    if (!options.draw) continue;
    const fs::path path = drawing_path(options.out, input.path, used);
    write_png(path, drawn(input, points));
    fmt::print("{}\n", path.string());
  }
  write(options, options.format == "csv" ? to_csv(answers) : to_json(answers));
}

}  // namespace

void add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "Find the keypoints of faces in pictures or csv files");
  auto options = std::make_shared<PredictArguments>();
  add_trained(*command, options->trained, Runs::one);
  command
      ->add_option(
          "INPUT", options->inputs,
          "Pictures of one face each (jpg, png, any size), or test.csv, training.csv, a .zip of these.")
      ->required();
  command
      ->add_option(
          "--box", options->box,
          "The square of a picture with the face in it, in px; without it, the largest one in the middle.")
      ->expected(3)
      ->type_name("X Y SIDE")
      ->group("What it reads");
  command
      ->add_option(
          "--out", options->out,
          "Where keypoints.csv or .json and drawings go; without it, keypoints go to standard output.")
      ->type_name("FOLDER")
      ->group("What comes out");
  command->add_option("--format", options->format, "csv (a row a face) or json.")
      ->type_name("NAME")
      ->check(CLI::IsMember({"csv", "json"}))
      ->group("What comes out")
      ->capture_default_str();
  command
      ->add_flag("--draw", options->draw,
                 "Draw the points into a copy of each picture; of a csv, into a sheet of its first 36 faces.")
      ->group("What comes out");
  command->footer("Coordinates are in the original picture's pixels, from the middle of its top left one.");
  command->callback([options] { run(*options); });
}

}  // namespace lineament
