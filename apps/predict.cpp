// lineament predict: faces in, from pictures or csv; their keypoints out, as csv or JSON, and drawn.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "apps/options.h"
#include "apps/output_names.h"
#include "base/atomic_file.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/json.h"
#include "base/paths.h"
#include "data/dataset.h"
#include "data/fit.h"
#include "data/formats/csv.h"
#include "data/pictures/draw.h"
#include "data/pictures/picture.h"
#include "network/default_model.h"
#include "report/sheet.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct PredictArguments {
  TrainedOptions trained;
  std::vector<std::string> inputs;
  std::vector<int> box;  // x, y, side, or x, y, width, height; empty: what is largest in the middle
  std::string points, out, format = "csv";
  bool draw = false;
};


/// One input and its faces: a picture has one, a table any number.
struct Input {
  std::string path;
  bool table = false;
  CropMap map;  // of a picture: what the network sees of it
  Faces faces;
};

struct Answer {
  std::string image;  // "holiday.jpg", "test.csv:17" with the row's ImageId
  Keypoints points;   // in the picture's own pixels
};

bool is_table(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return is_folder(path) || extension == ".csv" || extension == ".zip";
}

/// test.csv has ImageIds, training.csv has none.
Faces read_table(const fs::path& path) {
  const std::vector<std::string> header = CsvReader(open_text(path, "test")).header();
  const bool test = std::ranges::find(header, "ImageId") != header.end();
  return read_faces(path, test ? Labels::none : Labels::given);
}

/// The largest box of the network's aspect in the middle of a picture.
std::array<int, 4> middle_of(const Picture& picture, const PictureShape& shape) {
  const int width = std::clamp(picture.height * shape.width / shape.height, 1, picture.width),
            height = std::clamp(picture.width * shape.height / shape.width, 1, picture.height);
  return {(picture.width - width) / 2, (picture.height - height) / 2, width, height};
}

std::array<int, 4> box_of(const Picture& picture, const PredictArguments& options, const PictureShape& shape) {
  if (options.box.empty()) return middle_of(picture, shape);
  const int x = options.box[0], y = options.box[1], width = options.box[2], height = options.box.back();
  if (width < 1 || height < 1 || x < 0 || y < 0 || x > picture.width - width || y > picture.height - height)
    fail_input("--box {}: not inside the picture, which has {}x{} pixels", fmt::join(options.box, " "), picture.width,
               picture.height);
  return {x, y, width, height};
}

/// A box that was said is cut out as the network's training faces were, with their margin.
Input read_input(const std::string& path, const PredictArguments& options, const ModelSpec& spec) {
  if (!is_there(path)) fail_input("{}: no such file", path);
  if (names_descriptor(path) && options.draw) fail_input("{}: --draw reads a picture again: name its file", path);
  Input input{.path = path, .table = is_table(path), .map = {}, .faces = {}};
  if (input.table) {
    if (!options.box.empty()) fail_input("--box: is of pictures, {} is a table of faces", path);
    input.faces = read_table(path);
    return input;
  }
  const Picture picture = read_picture(path, {.channels = spec.picture.channels}).picture;
  const auto [x, y, width, height] = box_of(picture, options, spec.picture);
  const FaceBox box{x - 0.5, y - 0.5, double(width), double(height)};
  const bool is_face = !options.box.empty() && spec.crop.from != CropFrom::whole;
  input.map = {with_margin(box, is_face ? spec.crop.margin : 0, spec.picture), spec.picture};
  input.faces = {.set = spec.set, .shape = spec.picture};
  input.faces.add_rows(1);
  input.faces.ids = {1};
  input.faces.pixels = input.map.box == box ? resize(crop(picture, x, y, width, height), spec.picture.width, spec.picture.height).pixels
                                            : cut(picture, input.map.box, spec.picture.width, spec.picture.height).pixels;
  return input;
}

std::string to_csv(const std::vector<Answer>& answers, const KeypointSet& set) {
  std::string text = "image";
  for (const std::string& name : set.coordinate_names()) text += fmt::format(",{}", name);
  for (const Answer& answer : answers) {
    text += '\n' + csv_field(answer.image);
    for (float v : answer.points) text += fmt::format(",{:.3f}", v);
  }
  return text + '\n';
}

std::string to_json(const std::vector<Answer>& answers, const KeypointSet& set) {
  nlohmann::ordered_json page = nlohmann::ordered_json::array();
  for (const Answer& answer : answers) {
    nlohmann::ordered_json points;
    for (int i = 0; i < set.size(); ++i)
      points[set.points[i]] = {answer.points[2 * i], answer.points[2 * i + 1]};
    page.push_back({{"image", answer.image}, {"keypoints", points}});
  }
  return json_text(page, 2) + '\n';
}

/// The picture with its points; of a table, a sheet of its first faces.
Picture drawn(const Input& input, std::span<const Keypoints> points, const KeypointSet& set) {
  if (input.table) {
    std::vector<size_t> rows(std::min<size_t>(36, points.size()));
    std::iota(rows.begin(), rows.end(), 0);
    Faces shown = input.faces.select(rows);
    if (shown.set.points != set.points) {  // labels of another set are not drawn beside these
      shown.set = set;
      shown.keypoints.assign(rows.size(), Keypoints(static_cast<size_t>(set.coordinates()), kMissing));
    }
    return sheet(shown, rows, points.first(rows.size()));
  }
  Picture picture = read_picture(input.path, {.channels = 3}).picture;
  const float radius = std::max(1.5f, static_cast<float>(input.map.box.width) / 60);
  draw_keypoints(picture, to_photograph(input.map, points[0]), set, {.colour = kPredictionColour, .radius = radius});
  return picture;
}

fs::path points_file(const PredictArguments& options) { return fs::path(options.out) / ("keypoints." + options.format); }

void write(const PredictArguments& options, const std::string& text) {
  if (options.out.empty()) {
    fmt::print("{}", text);
    return;
  }
  const fs::path file = points_file(options);
  write_atomically(file, text);
  fmt::print("{}\n", file.string());
}

/// "default", a run's or a stack's folder, or a checkpoint; a folder of tables is none.
bool names_network(const std::string& path) {
  if (path == kDefaultModel || fs::path(path).extension() == ".safetensors" || !is_there(path)) return true;
  return is_folder(path) && !is_there(fs::path(path) / "test.csv") && !is_there(fs::path(path) / "training.csv");
}

void run(PredictArguments options) {
  if (!names_network(options.trained.from[0])) {
    options.inputs.insert(options.inputs.begin(), options.trained.from[0]);
    options.trained.from[0] = kDefaultModel;
    fmt::print(stderr, "no run is named: {}, the model built in, answers\n", kDefaultModel);
  }
  if (options.inputs.empty()) fail_input("INPUT: is missing: expected pictures or a csv behind the run");
  if (options.draw && options.out.empty()) fail_input("--draw: say where the pictures go, with --out FOLDER");
  Ensemble predictor = load_trained(options.trained);
  std::vector<Input> inputs;
  for (const std::string& path : options.inputs) inputs.push_back(read_input(path, options, predictor.spec()));
  const KeypointSet set = options.points.empty() ? predictor.set() : find_keypoint_set(options.points);
  if (!options.out.empty()) {
    make_folder(options.out);
    refuse_input(points_file(options));
  }

  std::vector<Answer> answers;
  OutputNames names(options.out);
  for (const Input& input : inputs) {
    const std::vector<Keypoints> points = predictor.predict(input.faces, set);
    for (size_t i = 0; i < points.size(); ++i)
      answers.push_back({input.table ? fmt::format("{}:{}", input.path, input.faces.ids[i]) : input.path,
                         input.table ? points[i] : to_photograph(input.map, points[i])});
    if (!options.draw) continue;
    const fs::path path = names.next(input.path);
    write_png(path, drawn(input, points, set));
    fmt::print("{}\n", path.string());
  }
  write(options, options.format == "csv" ? to_csv(answers, set) : to_json(answers, set));
}

}  // namespace

void add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "Find the keypoints of faces in pictures or csv files");
  auto options = std::make_shared<PredictArguments>();
  add_trained(*command, options->trained, Runs::one);
  command
      ->add_option(
          "INPUT", options->inputs,
          "Pictures of one face each (jpg, png, any size), or test.csv, training.csv, a .zip of these. Where no run stands before "
          "them, the model built in answers.");
  command
      ->add_option_function<std::vector<std::string>>(
          "--box",
          [options](const std::vector<std::string>& said) {
            for (const std::string& number : said) options->box.push_back(parse_number<int>(number, "--box", at_least(0)));
          },
          "The square of a picture with the face in it, in px; without it, the largest one in the middle. A network that learned "
          "from faces cut out of photographs is shown it with the margin of those.")
      ->expected(3, 4)
      ->type_name("X Y SIDE")
      ->group("What it reads");
  command
      ->add_option("--points", options->points,
                   "Answer in another keypoint set, where it can be derived: contest15, ibug68 or a file.toml.")
      ->type_name("SET")
      ->group("What comes out");
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
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
