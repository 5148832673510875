// A whole file at once, and why it cannot be had.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace lineament {

inline constexpr size_t kMostFileBytes = size_t{1} << 29;

/// The bytes of a regular file, or of a pipe that is open already, which can be read once (names_descriptor()). InputError
/// "PATH: no such file, expected WHAT" and likewise for a folder, a file that cannot be read, or one of more than `most` bytes.
std::string read_text_file(const std::filesystem::path& path, std::string_view expected,
                           size_t most = kMostFileBytes);

}  // namespace lineament
