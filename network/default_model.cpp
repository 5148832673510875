#include "network/default_model.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "base/check.h"

namespace lineament {

std::span<const std::byte> default_model_bytes();  // made by cmake/default_model.cmake

std::filesystem::path default_model_file() {
  static const int descriptor = [] {
    const std::span<const std::byte> bytes = default_model_bytes();
    if (bytes.empty()) fail_input("default: this program was built without weights/default; name a run");
    const int memory = memfd_create("lineament default model", MFD_CLOEXEC);
    if (memory < 0) fail_run("default: no file in memory: {}", std::strerror(errno));
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t wrote = write(memory, bytes.data() + done, bytes.size() - done);
      if (wrote < 0 && errno != EINTR) {
        const int error = errno;
        close(memory);
        fail_run("default: cannot write {} bytes in memory: {}", bytes.size(), std::strerror(error));
      }
      done += static_cast<size_t>(std::max<ssize_t>(0, wrote));
    }
    return memory;
  }();
  return fmt::format("/proc/self/fd/{}", descriptor);
}

}  // namespace lineament
