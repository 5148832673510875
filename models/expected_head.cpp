#include "models/expected_head.h"

#include "base/check.h"

namespace lineament {

void expect_head(std::string_view model, const HeadOptions& head) {
  const HeadOptions usual;
  const bool asked = head.front_kernel != usual.front_kernel || head.front_channels != usual.front_channels ||
                     head.dense != usual.dense;
  if (asked && !find_backbone(model))
    fail_input("--front-kernel, --front-channels, --dense: settings of backbones such as resnet50, {} is none", model);
}

}  // namespace lineament
