#include "base/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace lineament {
namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string_view> fields_of(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    fields.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string first_line(const fs::path& path) {
  const std::vector<std::string> lines = lines_of(path);
  return lines.empty() ? "" : lines[0];
}

namespace {

bool has(const std::vector<std::string_view>& fields, std::string_view field) {
  return std::ranges::find(fields, field) != fields.end();
}

/// mountinfo writes a space as \040.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 3, code, 8).ptr == &text[i + 1] + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Where the hierarchy with a controller is mounted, and which folder of it that shows.
struct Mount {
  bool v2;
  fs::path shows, point;
};

/// A line of mountinfo: "30 23 0:26 /shown /point rw shared:9 - cgroup2 cgroup2 rw".
std::optional<Mount> mount_of(std::string_view line, std::string_view controller) {
  const size_t dash = line.find(" - ");
  if (dash == line.npos) return std::nullopt;
  const std::vector<std::string_view> place = fields_of(line.substr(0, dash), ' ');
  const std::vector<std::string_view> kind = fields_of(line.substr(dash + 3), ' ');
  if (place.size() < 5 || kind.size() < 3) return std::nullopt;
  const bool v2 = kind[0] == "cgroup2";
  if (!v2 && !(kind[0] == "cgroup" && has(fields_of(kind[2], ','), controller))) return std::nullopt;
  return Mount{v2, unescaped(place[3]), unescaped(place[4])};
}

/// The path of this process's cgroup, from lines like "0::/a/b" (version 2) or "4:cpu,cpuacct:/a/b".
std::optional<fs::path> cgroup_path(const std::vector<std::string>& lines, bool v2, std::string_view controller) {
  for (const std::string& line : lines) {
    const size_t first = line.find(':'), second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (v2 ? controllers.empty() : has(fields_of(controllers, ','), controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

}  // namespace

void each_cgroup(const fs::path& root, std::string_view controller, const std::function<void(const fs::path&, bool)>& f) {
  const std::vector<std::string> cgroups = lines_of(root / "proc/self/cgroup");
  for (const std::string& line : lines_of(root / "proc/self/mountinfo")) {
    const std::optional<Mount> mount = mount_of(line, controller);
    if (!mount) continue;
    const std::optional<fs::path> path = cgroup_path(cgroups, mount->v2, controller);
    if (!path) continue;
    fs::path below = path->lexically_relative(mount->shows);  // "." where the container sees its own cgroup alone
    if (below.empty() || *below.begin() == "..") below = ".";
    for (fs::path at = below.lexically_normal();; at = at.parent_path()) {
      f(root / mount->point.relative_path() / at, mount->v2);
      if (at.empty() || at == ".") break;
    }
  }
}

}  // namespace lineament
