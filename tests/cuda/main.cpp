// The main of tests on CUDA, or on what stands in its place: skipped where there is no GPU.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "tensor/backend.h"

int main(int argc, char** argv) {
  try {
    lineament::cuda_backend();
  } catch (const lineament::InputError& error) {
    fmt::print("skipped: {}\n", error.what());
    return 0;
  }
  return doctest::Context(argc, argv).run();
}
