#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

extern char** environ;

namespace lineament {
namespace {

/// Both ends of a pipe, closed with the object.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) fail_run("no pipe to another program: {}", std::strerror(errno));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int i) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
};

struct FileActions {
  posix_spawn_file_actions_t list;
  FileActions(int input, int output, int complaint) {
    posix_spawn_file_actions_init(&list);
    if (input < 0)
      posix_spawn_file_actions_addopen(&list, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&list, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&list, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&list, complaint, STDERR_FILENO);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&list); }
};

/// Pointers for the kernel, the last one null.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> kept(const std::vector<std::string>& names) {
  std::vector<std::string> variables;
  for (const std::string& name : names)
    if (const char* value = std::getenv(name.c_str())) variables.push_back(name + "=" + value);
  return variables;
}

/// Until both are at their end.
void read_both(int output, int complaint, CommandResult& result) {
  std::array<pollfd, 2> watched{{{output, POLLIN, 0}, {complaint, POLLIN, 0}}};
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
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& arguments, const CommandSetting& setting) {
  Pipe output, complaint;
  const FileActions actions(setting.input, output.ends[1], complaint.ends[1]);
  if (setting.input >= 0) lseek(setting.input, 0, SEEK_SET);
  const std::vector<std::string> variables = setting.clean ? kept(setting.keep_variables) : std::vector<std::string>();
  const std::vector<char*> argv = pointers(arguments), clean = pointers(variables);
  pid_t child = -1;
  const int error = posix_spawnp(&child, argv[0], &actions.list, nullptr, argv.data(), setting.clean ? clean.data() : environ);
  if (error == ENOENT) return {127, "", std::strerror(error)};
  if (error != 0) return {126, "", std::strerror(error)};
  output.close_end(1);
  complaint.close_end(1);
  CommandResult result;
  read_both(output.ends[0], complaint.ends[0], result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace lineament
