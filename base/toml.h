// TOML, the format that people write, as JSON, the one that programs read.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace lineament {

/// InputError "source:line:column: what is wrong".
std::string json_of_toml(std::string_view toml, std::string_view source);
/// Of a file. InputError where it cannot be read.
/// By its name: NAME.toml in any case, or what is open already, as /dev/stdin.
bool is_toml_file(const std::filesystem::path& path);
std::string json_of_toml_file(const std::filesystem::path& path);

}  // namespace lineament
