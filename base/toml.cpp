#include "base/toml.h"

#include <locale>
#include <sstream>
#include <toml++/toml.h>

#include "base/check.h"
#include "base/paths.h"
#include "base/text_file.h"

namespace lineament {

std::string json_of_toml(std::string_view toml, std::string_view source) {
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
  return json_of_toml(read_text_file(path, "a file in TOML"), path.string());
}

}  // namespace lineament
