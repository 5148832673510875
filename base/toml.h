// TOML, the format that people write, as JSON, the one that programs read.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace lineament {

inline constexpr size_t kMostTomlBytes = size_t{1} << 20;
inline constexpr int kMostTomlDepth = 64;  // names of a dotted key

/// InputError "source:line:column: what is wrong", and where it is longer or nests deeper than that.
std::string json_of_toml(std::string_view toml, std::string_view source);
/// Of a file. InputError where it cannot be read.
/// By its name: NAME.toml in any case, or what is open already, as /dev/stdin.
bool is_toml_file(const std::filesystem::path& path);
std::string json_of_toml_file(const std::filesystem::path& path);

}  // namespace lineament
