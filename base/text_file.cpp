#include "base/text_file.h"

#include <fstream>
#include <iterator>

#include "base/check.h"

namespace lineament {
namespace fs = std::filesystem;

std::string read_text_file(const fs::path& path, std::string_view expected, size_t most) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) fail_input("{}: no such file, expected {}", path.string(), expected);
  if (error) fail_input("{}: cannot be read: {}", path.string(), error.message());
  if (fs::is_directory(status)) fail_input("{}: a folder, expected {}", path.string(), expected);
  if (!fs::is_regular_file(status)) fail_input("{}: no regular file, expected {}", path.string(), expected);
  if (const auto size = fs::file_size(path, error); !error && size > most)
    fail_input("{}: {} bytes, expected {} of at most {}", path.string(), size, expected, most);
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) fail_input("{}: cannot be read, expected {}", path.string(), expected);
  return text;
}

}  // namespace lineament
