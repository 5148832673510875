// lineament submit: the contest's test faces in, the file that it scores out.
#include <filesystem>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/options.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "data/dataset.h"
#include "data/formats/submission.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct SubmitArguments {
  TrainedOptions trained;
  std::string data, lookup, out = "submission.csv";
};

/// Where it is said to be, or beside the test faces, or in one folder or zip with them.
fs::path find_lookup(const SubmitArguments& options) {
  if (!options.lookup.empty()) return options.lookup;
  const fs::path beside = fs::path(options.data).parent_path() / "IdLookupTable.csv";
  return is_file(options.data) && is_there(beside) ? beside : fs::path(options.data);
}

void run(const SubmitArguments& options) {
  Ensemble predictor = load_trained(options.trained);
  const std::vector<Lookup> lookup = read_lookup(find_lookup(options));
  const Faces faces = read_faces(options.data, Labels::none);
  refuse_input(options.out);  // before the work, not after it
  write_submission(options.out, lookup, faces.ids, predictor.predict(faces, contest15()));
  fmt::print("{}: {} rows for {} faces\n", options.out, lookup.size(), faces.size());
}

}  // namespace

void add_submit(CLI::App& app) {
  CLI::App* command = app.add_subcommand("submit", "Answer the contest's test set: RowId,Location");
  auto options = std::make_shared<SubmitArguments>();
  add_trained(*command, options->trained);
  command
      ->add_option("--data", options->data,
                   "The folder or zip with test.csv and IdLookupTable.csv, or test.csv beside that table.")
      ->required()
      ->type_name("PATH")
      ->group("What it reads");
  command->add_option("--lookup", options->lookup, "IdLookupTable.csv, where it lies elsewhere.")
      ->type_name("PATH")
      ->group("What it reads");
  command->add_option("--out", options->out, "The file to write; one that exists is replaced.")
      ->type_name("FILE")
      ->group("What comes out")
      ->capture_default_str();
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
