#include "base/paths.h"

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

}  // namespace lineament
