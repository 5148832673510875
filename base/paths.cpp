#include "base/paths.h"

#include <algorithm>

#include "base/check.h"

namespace lineament {
namespace fs = std::filesystem;

PathKind kind_of(const fs::path& path) {
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::not_found:
      return PathKind::nothing;
    case fs::file_type::regular:
      return PathKind::file;
    case fs::file_type::directory:
      return PathKind::folder;
    case fs::file_type::none:
      fail_input("{}: cannot be read: {}", path.string(), error.message());
    default:
      return PathKind::other;
  }
}

uint64_t bytes_of(const fs::path& path) {
  std::error_code error;
  const uint64_t bytes = fs::file_size(path, error);
  if (error) fail_input("{}: cannot be read: {}", path.string(), error.message());
  return bytes;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) entries.push_back(at->path());
  if (error) fail_input("{}: cannot be read: {}", folder.string(), error.message());
  std::ranges::sort(entries);
  return entries;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !is_folder(folder)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) fail_input("{}: the folder cannot be made: {}", folder.string(), error.message());
}

bool names_descriptor(const fs::path& path) {
  const std::string& name = path.native();
  return name == "/dev/stdin" || name.starts_with("/dev/fd/") || name.starts_with("/proc/self/fd/");
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string lower_extension(const fs::path& path) { return lower(path.extension().string()); }

}  // namespace lineament
