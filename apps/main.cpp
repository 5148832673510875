// The command: picks a subcommand and turns every failure into one line and an exit code.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "apps/commands.h"
#include "apps/help.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/shown.h"
#include "base/temporary.h"

namespace {

/// What the parser says of a value too many or too few, in our words; else as it says it.
std::string said_of(const CLI::Error& error) {
  const std::string text = error.what();
  const std::string option = text.substr(0, text.find(':'));
  if (text.find("At Most 1 required") != text.npos) return option + ": said more than once, expected once";
  if (text.find(": 1 required") != text.npos) return option + ": expected a value behind it";
  return text;
}

/// One line for any wrong usage; a word that nobody knows is met with the nearest that is known.
std::string complaint(const CLI::App* app, const CLI::Error& error) {
  const std::vector<std::string> words = app->remaining(true);
  if (words.empty()) return fmt::format("lineament: {}\n", said_of(error));
  const auto chosen = app->get_subcommands();
  std::vector<std::string> known;
  if (chosen.empty())
    for (const CLI::App* command : app->get_subcommands(nullptr)) known.push_back(command->get_name());
  else
    for (const CLI::Option* option : chosen[0]->get_options()) known.push_back(option->get_name());
  const auto option =
      std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  const std::string& word = option == words.end() ? words[0] : *option;
  const std::string_view meant =
      lineament::nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
  return fmt::format("lineament: {}{} is not known{}\n", chosen.empty() ? "" : chosen[0]->get_name() + ": ",
                     word, meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
}

/// An empty value is one that a script lost: the parser would take the next word for it, or go on without.
void refuse_empty(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i], before = argv[i - 1];
    if (word.empty())
      lineament::fail_input("{}\"\": is empty, expected a value; leave it out where there is none",
                            i > 1 ? fmt::format("{} ", lineament::shown(before)) : "");
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      lineament::fail_input("{}: expected a value behind the \"=\"; leave the option out where there is none",
                            lineament::shown(word));
  }
}

int run(int argc, char** argv) {
  CLI::App app{"lineament trains and runs facial-keypoint networks.", "lineament"};
  app.require_subcommand(1);
  app.formatter(lineament::help_page());
  app.failure_message(complaint);
  app.set_version_flag("--version", LINEAMENT_VERSION);
  app.footer(
      "Exit codes: 0 done, 1 failed, 2 wrong usage or bad input.\n"
      "Start with:  lineament train            (trains on synthetic faces, no download needed)\n"
      "             lineament COMMAND --help");
  lineament::add_train(app);
  lineament::add_study(app);
  lineament::add_stack(app);
  lineament::add_evaluate(app);
  lineament::add_compare(app);
  lineament::add_report(app);
  lineament::add_predict(app);
  lineament::add_submit(app);
  lineament::add_describe(app);
  lineament::add_audit(app);
  lineament::add_augment(app);
  lineament::add_impute(app);
  lineament::add_convert(app);
  lineament::add_weights(app);
  lineament::add_classify(app);
  lineament::add_plan(app);
  lineament::add_bench(app);
  try {
    refuse_empty(argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const lineament::InputError& error) {
    fmt::print(stderr, "lineament: {}\n", error.what());
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {  // where nobody had a better word for it
    const std::string path = error.path1().string();
    fmt::print(stderr, "lineament: {}{}{}\n", path, path.empty() ? "" : ": ", error.code().message());
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "lineament: out of memory: {} are free; fewer rows, smaller pictures or a smaller batch need less\n",
               lineament::shown_bytes(static_cast<double>(lineament::free_memory().bytes)));
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "lineament: {}\n", error.what());
    return 1;
  }
  return 0;
}

/// Half-written files go, then the program ends as it would have.
void end_by(int sign) {
  lineament::remove_temporaries();
  std::raise(sign);  // its usual effect, once this handler is left
}

void handle_signals() {
  for (const int sign : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU}) {
    struct sigaction before {};
    if (sigaction(sign, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) continue;  // nohup
    struct sigaction action {};
    action.sa_handler = end_by;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(sign, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);  // writing beyond the limit of a file is an error, which is told
}

}  // namespace

int main(int argc, char** argv) {
  handle_signals();
  const int code = run(argc, argv);
  if (code != 0 || (std::fflush(stdout) == 0 && !std::ferror(stdout))) return code;
  std::perror("lineament: standard output: cannot write");
  return 1;
}
