// lineament classify: what is on a photograph, by the 1000 classes of ImageNet.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "apps/options.h"
#include "apps/output_names.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "base/text_file.h"
#include "network/classifier.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShown = 5;

struct ClassifyArguments {
  std::string weights, model, labels, show;
  Device device = Device::cpu;
  Precision precision = Precision::f32;
  std::vector<std::string> photos;
  int threads = 0;
};

/// A name a line; a first line "background" counts no class.
std::vector<std::string> read_labels(const fs::path& path) {
  std::istringstream in(read_text_file(path, "a name a line"));
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    names.push_back(line);
  }
  if (names.size() == kImageNetClasses + 1 && names[0] == "background") names.erase(names.begin());
  if (names.size() != kImageNetClasses)
    fail_input("{}: {} names, expected {}, with or without \"background\" before them", path.string(),
               names.size(), kImageNetClasses);
  return names;
}

/// --labels, else imagenet_labels.txt beside the weights, else numbers.
std::vector<std::string> labels_for(const ClassifyArguments& options) {
  if (!options.labels.empty()) return read_labels(options.labels);
  const fs::path beside = fs::path(options.weights).parent_path() / "imagenet_labels.txt";
  if (is_there(beside)) return read_labels(beside);
  std::vector<std::string> numbers;
  for (int i = 0; i < kImageNetClasses; ++i) numbers.push_back(fmt::format("class {}", i));
  return numbers;
}

void print_best(const std::vector<float>& probabilities, const std::vector<std::string>& labels) {
  std::vector<size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::partial_sort(order.begin(), order.begin() + kShown, order.end(),
                    [&](size_t a, size_t b) { return probabilities[a] > probabilities[b]; });
  for (size_t i = 0; i < kShown; ++i)
    fmt::print("  {:6.2f} %  {}\n", 100 * probabilities[order[i]], labels[order[i]]);
}

void run(const ClassifyArguments& options) {
  set_threads(options.threads);
  for (const std::string& photo : options.photos) note_input(photo);  // all of them, before the first square is written
  const std::vector<std::string> labels = labels_for(options);
  Classifier classifier(options.weights, options.model, options.device, options.precision);
  if (!options.show.empty()) make_folder(options.show);
  OutputNames names(options.show);
  for (const std::string& photo : options.photos) {
    const Picture square = centre_square(read_picture(photo), classifier.side());
    if (!options.show.empty()) write_png(names.next(photo), square);
    fmt::print("{}\n", photo);
    print_best(classifier.probabilities(square), labels);
  }
}

}  // namespace

void add_classify(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("classify", "Name what is on photographs, by ImageNet's 1000 classes");
  auto options = std::make_shared<ClassifyArguments>();
  command->add_option("PHOTO", options->photos, "Photographs: jpg or png.")->required();
  command
      ->add_option("--weights", options->weights,
                   "Weights of a backbone with its top: .h5, .pth, .npz or .safetensors.")
      ->type_name("FILE")
      ->required();
  command->add_option("--model", options->model, "The backbone; without it, the one that the weights fit.")
      ->type_name("NAME");
  command
      ->add_option(
          "--labels", options->labels,
          "Names of the classes, one a line; without it, imagenet_labels.txt beside the weights, or numbers.")
      ->type_name("FILE");
  command
      ->add_option("--show", options->show,
                   "Write there, as png, the square of each photograph that the network saw.")
      ->type_name("FOLDER");
  add_choice(*command, "--device", "NAME", kDeviceText, options->device)->group("Where it runs");
  add_choice(*command, "--precision", "NAME", kPrecisionText, options->precision)->group("Where it runs");
  add_threads(*command, options->threads)->group("Where it runs");
  command->footer(
      "The network sees the middle of a photograph, a square of 87.5 % of its shorter side, in the size that "
      "it\n"
      "was trained on.\n\nExample\n"
      "  lineament weights fetch efficientnet_lite0\n"
      "  lineament classify --weights efficientnet_lite0.safetensors cat.jpg");
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
