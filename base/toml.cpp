#include "base/toml.h"

#include <cctype>
#include <locale>
#include <sstream>
#include <toml++/toml.h>

#include "base/check.h"
#include "base/paths.h"
#include "base/text_file.h"

namespace lineament {

namespace {

/// Before the library looks at it, which calls itself for each name of a dotted key. Texts in quotes are not told apart:
/// nobody writes so many dots with nothing but words between them.
void expect_shallow(std::string_view toml, std::string_view source) {
  int dots = 0;
  for (const char c : toml) {
    const bool joins = std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_-\"' \t").find(c) != std::string_view::npos;
    if (c == '.')
      ++dots;
    else if (!joins)
      dots = 0;
    if (dots > kMostTomlDepth) fail_input("{}: nested deeper than {}", source, kMostTomlDepth);
  }
}

}  // namespace

std::string json_of_toml(std::string_view toml, std::string_view source) {
  if (toml.size() > kMostTomlBytes) fail_input("{}: {} bytes of TOML, expected at most {}", source, toml.size(), kMostTomlBytes);
  expect_shallow(toml, source);
  try {
    const toml::table table = toml::parse(toml);
    std::ostringstream json;
    json.imbue(std::locale::classic());
    json << toml::json_formatter(table);
    return json.str();
  } catch (const toml::parse_error& error) {
    fail_input("{}:{}:{}: {}", source, error.source().begin.line, error.source().begin.column, error.description());
  }
}

bool is_toml_file(const std::filesystem::path& path) { return lower_extension(path) == ".toml" || names_descriptor(path); }

std::string json_of_toml_file(const std::filesystem::path& path) {
  return json_of_toml(read_text_file(path, "a file in TOML", kMostTomlBytes), path.string());
}

}  // namespace lineament
