// One op outside any graph: how optimisers update the flat buffers.
#pragma once
#include <string_view>
#include <vector>

#include "tensor/backend.h"

namespace lineament {

/// The first kernel of the list that takes these shapes, inputs' and then outputs'; that of the name `wanted` where it does; the
/// last, for `reference`. RunError where none does.
const Kernel* choose_kernel(const Backend& backend, const Op& op, std::span<const Desc> descs, const Params& params,
                            std::string_view wanted = {}, bool reference = false);

/// An op on given memory. Its shapes are checked and its kernel chosen when it is made: running it allocates nothing.
class OpCall {
 public:
  /// Fails with a check where the op would make other outputs of these inputs, or needs a workspace.
  OpCall(Backend& backend, const Op& op, std::vector<View> in, std::vector<View> out, const Params& params = {});

  void run(Stream& stream) const;

 private:
  std::vector<View> in_, out_;
  Params params_;
  const Kernel* kernel_;
};

/// Makes one and runs it, without a stream in the backend's main one.
void run_op(Backend& backend, const Op& op, std::span<const View> in, std::span<const View> out, const Params& params,
            Stream* stream = nullptr);

}  // namespace lineament
