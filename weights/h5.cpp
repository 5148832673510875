// Keras .h5, read in a process of its own: the HDF5 library has crashed on damaged files before and will
// again, so what it breaks is a child; the parent sees an answer that ends early and says so in one line.
#include "weights/weight_file.h"

#ifndef LINEAMENT_HDF5

namespace lineament {

std::unique_ptr<WeightFile> open_h5(const std::filesystem::path& path) {
  fail_input(
      "{}: is HDF5, and this build reads none: install libhdf5-dev (scripts/install.sh does) and build again",
      path.string());
}

}  // namespace lineament

#else

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/paths.h"
#include "weights/h5_reader.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

namespace lineament {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxAnswerText = 64u << 20;
constexpr rlim_t kMaxCpuSeconds = 120;
constexpr uint64_t kMemoryBytes = uint64_t{2} << 30;  // beyond what the process had when it was made

// ---- what both ends of the line say: a length, then so many bytes

bool send_all(int line, const void* data, size_t bytes) {
  const auto* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t sent = send(line, from, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from += sent;
    bytes -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_all(int line, void* data, size_t bytes) {
  auto* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = recv(line, to, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

bool send_text(int line, const std::string& text) {
  const uint64_t length = text.size();
  return send_all(line, &length, sizeof length) && send_all(line, text.data(), text.size());
}

// ---- the child

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// No more memory and time than a file of weights needs, no core file,
/// no words of its own, no handlers of its parent's.
void confine(uint64_t file_bytes) {
  for (const int sign : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTERM, SIGCHLD}) signal(sign, SIG_DFL);
  signal(SIGINT, SIG_IGN);  // the parent decides
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kMaxCpuSeconds);
#ifndef __SANITIZE_ADDRESS__
  uint64_t pages[6] = {};
  std::ifstream statm("/proc/self/statm");
  for (uint64_t& p : pages) statm >> p;
  limit(RLIMIT_DATA, pages[5] * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + kMemoryBytes + 2 * file_bytes);
#else
  (void)file_bytes;
#endif
  if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
}

/// Answers with the list of tensors, then with the numbers of each tensor asked for.
void serve(const std::string& path, int line) {
  std::unique_ptr<H5Reader> reader;
  json page;
  try {
    reader = std::make_unique<H5Reader>(path);
    page = {{"format", reader->format()}, {"metadata", reader->metadata()}, {"tensors", json::array()}};
    for (const H5Tensor& t : reader->tensors()) page["tensors"].push_back({t.name, t.shape, t.element});
  } catch (const std::exception& error) {
    page = {{"error", error.what()}};
  }
  if (!send_text(line, page.dump(-1, ' ', false, json::error_handler_t::replace)) || !reader) return;
  for (uint64_t index; receive_all(line, &index, sizeof index);) {
    std::string failure;
    std::vector<float> values;
    try {
      values = reader->read(index);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (!send_text(line, failure) || !send_all(line, values.data(), values.size() * sizeof(float))) return;
  }
}

// ---- the parent

class H5File : public WeightFile {
 public:
  explicit H5File(const std::filesystem::path& path) : WeightFile(path) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      fail_run("{}: no line to a process that reads it: {}", path.string(), std::strerror(errno));
    const uint64_t file_bytes = bytes_of(path);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      confine(file_bytes);
      serve(path.string(), ends[1]);
      _exit(0);
    }
    close(ends[1]);
    line_ = ends[0];
    if (child_ < 0) {
      close(line_);
      fail_run("{}: no process to read it: {}", path.string(), std::strerror(errno));
    }
    try {
      receive_list();
    } catch (...) {
      end_child();
      throw;
    }
  }
  ~H5File() override { end_child(); }

  std::string format() const override { return format_; }

  void read(size_t index, std::span<float> values) override {
    prepare(index, values);
    const uint64_t asked = index;
    if (!send_all(line_, &asked, sizeof asked)) fail_broken();
    if (const std::string failure = receive_text(); !failure.empty()) fail(failure);
    if (!receive_all(line_, values.data(), values.size_bytes())) fail_broken();
  }

 private:
  std::string receive_text() {
    uint64_t length = 0;
    if (!receive_all(line_, &length, sizeof length) || length > kMaxAnswerText) fail_broken();
    std::string text(length, '\0');
    if (!receive_all(line_, text.data(), text.size())) fail_broken();
    return text;
  }

  [[noreturn]] void fail_broken() const { fail("damaged: the HDF5 library breaks on it"); }

  void receive_list() {
    const json page = json::parse(receive_text(), nullptr, false);
    if (!page.is_object()) fail_broken();
    if (page.contains("error")) fail(page["error"].get<std::string>());
    format_ = page["format"].get<std::string>();
    const json& pairs = page["metadata"];
    for (size_t i = 0; i + 1 < pairs.size(); i += 2)
      metadata_[pairs[i].get<std::string>()] = pairs[i + 1].get<std::string>();
    for (const json& row : page["tensors"]) {
      const auto dims = row[1].get<std::vector<uint64_t>>();
      add(row[0].get<std::string>(), dims, find_element(row[2].get<std::string>()));
    }
  }

  void end_child() {
    close(line_);
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  pid_t child_ = -1;
  int line_ = -1;
  std::string format_;
};

}  // namespace

std::unique_ptr<WeightFile> open_h5(const std::filesystem::path& path) {
  return std::make_unique<H5File>(path);
}

}  // namespace lineament

#endif  // LINEAMENT_HDF5
