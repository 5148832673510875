// The kernels, shape by shape, beside their ceilings and oneDNN.
#pragma once
#include <string>
#include <vector>

namespace lineament {

struct KernelBenchOptions {
  std::vector<std::string> models = {"resnet50", "efficientnet_b0", "efficientnet_b7", "efficientnetv2_b3",
                                     "efficientnet_lite0"};
  int batch = 64;
  std::string filter;  // of "name, pass"; empty: all
  std::string
      kernel;  // the only one to time; "all": every one that takes the shape; empty: the one a step takes
  bool onednn = false, eigen = false;  // whom to run beside
  int runs = 7;
  bool json = false;
};

/// Prints a row for each shape as it is done, means last. InputError for a model, filter or kernel that fits nothing,
/// and where oneDNN is asked for and not built in.
void bench_kernels(const KernelBenchOptions& options);

}  // namespace lineament
