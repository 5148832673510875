#include "base/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"

namespace lineament {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

std::string read_text_file(const std::filesystem::path& path, std::string_view expected, size_t most) {
  const std::string name = path.string();
  const PathKind kind = kind_of(path);
  if (kind == PathKind::nothing) fail_input("{}: no such file, expected {}", name, expected);
  if (kind == PathKind::folder) fail_input("{}: a folder, expected {}", name, expected);
  if (kind == PathKind::other && !names_descriptor(path)) fail_input("{}: no regular file, expected {}", name, expected);
  if (kind == PathKind::file)
    if (const uint64_t size = bytes_of(path); size > most)
      fail_input("{}: {} bytes, expected {} of at most {}", name, size, expected, most);

  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) fail_input("{}: cannot be read: {}, expected {}", name, std::strerror(errno), expected);
  note_input(path);
  std::string text;
  for (constexpr size_t kBlock = size_t{1} << 16;;) {
    const size_t filled = text.size();
    text.resize(filled + kBlock);
    const ssize_t got = read(file.number, text.data() + filled, kBlock);
    text.resize(filled + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_input("{}: cannot be read: {}, expected {}", name, std::strerror(errno), expected);
    if (text.size() > most) fail_input("{}: more than {} bytes, expected {} of fewer", name, most, expected);
    if (got == 0) return text;
  }
}

}  // namespace lineament
