// What tests share: a folder of their own, and the real data where there is some.
#pragma once
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lineament::test {

namespace fs = std::filesystem;

/// The folder with real faces and weights, if this checkout has one beside it.
inline std::optional<fs::path> shared_folder() {
  const char* named = std::getenv("LINEAMENT_SHARED");
  fs::path folder = named ? fs::path(named) : fs::path(LINEAMENT_SOURCE_DIR) / ".." / "shared";
  return fs::exists(folder / "data" / "training.zip") ? std::optional(folder) : std::nullopt;
}

/// Said by a test that cannot run here; ctest shows the test as skipped.
inline void skip(const std::string& why) { std::printf("skipped: %s\n", why.c_str()); }

/// A new folder, gone with the object.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "lineament-test-XXXXXX").string();
    if (!mkdtemp(name.data())) std::abort();
    path = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path operator/(const std::string& name) const { return path / name; }
};

inline void write_text(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// The whole of `text`, read without any locale.
inline double number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::invalid_argument("no number: " + std::string(text));
  return value;
}

inline std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace lineament::test
