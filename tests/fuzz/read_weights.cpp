// Bytes that libFuzzer makes up, opened and read as a file of weights: an InputError is an answer, anything
// else a fault. scripts/fuzz.sh gives it the corpus of one format at a time.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/check.h"
#include "weights/weight_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int memory = memfd_create("weights", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  if (ftruncate(memory, 0) != 0 || pwrite(memory, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  try {
    const auto file = lineament::open_weights(path);
    std::vector<float> values;
    for (size_t i = 0; i < file->tensors().size(); ++i) {
      values.resize(file->tensors()[i].shape.elements());
      file->read(i, values);
    }
  } catch (const lineament::InputError&) {
  }
  return 0;
}
