// lineament impute: a csv with gaps in, the same csv without them out.
#include <chrono>
#include <memory>
#include <string>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "base/check.h"
#include "base/inputs.h"
#include "data/formats/archive.h"
#include "data/impute.h"

namespace lineament {
namespace {

struct ImputeArguments {
  std::string in, out;
  Missing method = Missing::knn;
};

void print_report(const ImputeReport& report, const FaceTable& table, const ImputeArguments& options,
                  double seconds) {
  fmt::print("{}: {} rows of {}\n", options.in, report.kept.size() + report.dropped, table.set.coordinates());
  for (size_t column = 0; column < report.filled.size(); ++column)
    if (report.filled[column] > 0)
      fmt::print("  {:<26} {:>7} filled\n", table.set.coordinate_name(static_cast<int>(column)), report.filled[column]);
  for (const size_t column : report.unlabelled)
    fmt::print("  {:<26} has no value in any row, stays empty\n", table.set.coordinate_name(static_cast<int>(column)));
  for (const std::string& column : table.left_out) fmt::print("  {:<26} is no coordinate, left out\n", column);
  if (report.filled_backward > 0)
    fmt::print("  {} cells at the top had nothing above them and took the value below\n",
               report.filled_backward);
  if (report.dropped > 0) fmt::print("  {} rows with gaps dropped\n", report.dropped);
  fmt::print("{}: {} cells filled in {:.3f} s; {} rows in {}\n", name_of(options.method), report.cells(),
             seconds, table.size(), options.out);
}

void run(const ImputeArguments& options) {
  if (options.method == Missing::mask) fail_input("--method mask: leaves gaps as they are, expected drop, ffill or knn");
  FaceTable table = read_face_table(open_text(options.in, "training"), Labels::only);
  refuse_input(options.out);
  const auto start = std::chrono::steady_clock::now();
  const ImputeReport report = impute(table, options.method);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  write_face_table(options.out, table);
  print_report(report, table, options, taken.count());
}

}  // namespace

void add_impute(CLI::App& app) {
  CLI::App* command = app.add_subcommand("impute", "Fill in the missing keypoints of a training.csv");
  auto options = std::make_shared<ImputeArguments>();
  command->add_option("input", options->in, "training.csv or .zip, with or without its Image column")
      ->required();
  add_choice(*command, "--method", "WAY", "What to do about them", options->method);
  command->add_option("--out", options->out, "The csv to write; one that exists is replaced")->required();
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
