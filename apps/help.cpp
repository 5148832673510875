#include "apps/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace lineament {
namespace {

constexpr size_t kWidth = 100, kIndent = 2, kColumn = 30;

/// Words of `text` from column `column` on; what is there already is as long as `used`.
std::string wrapped(std::string_view text, size_t column, size_t used) {
  std::string out;
  if (used + 2 > column) out += '\n', used = 0;
  out.append(column - used, ' ');
  size_t at = column;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (at > column && at + 1 + word.size() > kWidth) {
      out += '\n' + std::string(column, ' ');
      at = column;
    }
    if (at > column) out += ' ', ++at;
    out += word;
    at += word.size();
    begin = end + 1;
  }
  return out + '\n';
}

std::string entry(const std::string& name, const std::string& text) {
  const std::string shown = std::string(kIndent, ' ') + name;
  return shown + wrapped(text, kColumn, shown.size());
}

std::string describe(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  if (!option.get_positional() && option.get_type_size() != 0) name += ' ' + option.get_type_name();
  if (option.get_expected_max() >= CLI::detail::expected_max_vector_size) name += " ...";
  std::string text = option.get_description();
  if (!option.get_default_str().empty()) text += fmt::format(" [{}]", option.get_default_str());
  return entry(name, text);
}

std::string usage(const CLI::App& app) {
  std::string line = app.get_name();
  for (const CLI::App* parent = app.get_parent(); parent; parent = parent->get_parent())
    line = parent->get_name() + ' ' + line;
  if (!app.get_subcommands(nullptr).empty()) return line + " COMMAND [options]";
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* o) { return o->get_positional(); })) {
    const bool many = option->get_expected_max() >= CLI::detail::expected_max_vector_size;
    const std::string shown = option->get_name(true, false) + (many ? "..." : "");
    line += option->get_required() ? ' ' + shown : fmt::format(" [{}]", shown);
  }
  for (const CLI::Option* option : app.get_options([](const CLI::Option* o) { return o->get_required(); }))
    if (!option->get_positional()) line += fmt::format(" {} {}", option->get_name(), option->get_type_name());
  return line + " [options]";
}

class HelpPage final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    std::string page = fmt::format("{}\n\nusage: {}\n", app->get_description(), usage(*app));
    const auto commands = app->get_subcommands(nullptr);
    if (!commands.empty()) page += "\nCommands\n";
    for (const CLI::App* command : commands) page += entry(command->get_name(), command->get_description());

    const auto positional = app->get_options([](const CLI::Option* o) { return o->get_positional(); });
    if (!positional.empty()) page += "\nArguments\n";
    for (const CLI::Option* option : positional) page += describe(*option);

    std::vector<std::string> groups = app->get_groups();
    if (!groups.empty()) std::rotate(groups.begin(), groups.begin() + 1, groups.end());  // --help comes last
    for (const std::string& group : groups) {
      const auto options = app->get_options([&](const CLI::Option* o) {
        return o->get_group() == group && o->nonpositional() && !group.empty();
      });
      if (options.empty()) continue;
      page += fmt::format("\n{}\n", group);
      for (const CLI::Option* option : options) page += describe(*option);
    }
    if (!app->get_footer().empty()) page += fmt::format("\n{}\n", app->get_footer());
    return page;
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_page() { return std::make_shared<HelpPage>(); }

}  // namespace lineament
