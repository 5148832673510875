// lineament report: finished runs as one page to look at, which needs no network and no server.
#include "report/report.h"

#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/options.h"
#include "base/check.h"
#include "base/inputs.h"
#include "tensor/backend.h"

namespace lineament {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::string out = "report.html";
  int threads = 0;
  ReportOptions report;
};

void run(const ReportArguments& options) {
  set_threads(options.threads);
  std::vector<FinishedRun> runs;
  for (const std::string& folder : options.runs) runs.push_back(read_finished_run(folder));
  refuse_input(options.out);  // before the work, not after it
  write_report(options.out, runs, options.report);
  fmt::print("{}: {} {}\n", options.out, runs.size(), runs.size() == 1 ? "run" : "runs");
}

}  // namespace

void add_report(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("report", "Show finished runs on one page: charts, tables and faces");
  auto options = std::make_shared<ReportArguments>();
  command->add_option("RUN", options->runs, "Run folders of `lineament train`, in the order of the page.")
      ->required();
  command->add_option("--out", options->out, "The page; any browser opens it, without a network.")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--title", options->report.title, "What stands at its top.")
      ->type_name("TEXT")
      ->capture_default_str();
  command
      ->add_option("--data", options->report.data,
                   "Where the faces are now, if not where the runs found them.")
      ->type_name("PATH");
  add_threads(*command, options->threads);
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
